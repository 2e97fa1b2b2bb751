/**
 * An unchanged relying party: npm's openid-client against a running provider, in a browser made of fetch and a cookie.
 *
 * Gets one JSON argument: issuer, client_id, client_secret, redirect_uri, gone, cookie (of somebody signed in), and what a fresh sign-in is
 * done with: username, password. Prints {check: true | "why not"} as JSON.
 */
import assert from "node:assert/strict";
import * as oidc from "openid-client";

const given = JSON.parse(process.argv[2]);
const insecure = { execute: [oidc.allowInsecureRequests] };
const results = {};

async function check(name, act) {
  try {
    await act();
    results[name] = true;
  } catch (error) {
    results[name] = `${error.name} ${error.code ?? ""}: ${error.message} ${error.cause ? JSON.stringify(error.cause) : ""}`;
  }
}

class Browser {
  constructor(cookie = "") {
    this.cookies = new Map(cookie ? [cookie.split("=")] : []);
  }
  async go(address, options = {}) {
    const cookie = [...this.cookies].map((one) => one.join("=")).join("; ");
    const response = await fetch(address, { redirect: "manual", ...options, headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(";")[0].split("=");
      this.cookies.set(name, value);
    }
    return response;
  }
  /** Follow redirects and the page that leads back until an address of the relying party is reached. */
  async until(start) {
    let address = start;
    for (let step = 0; step < 10; step += 1) {
      if (address.startsWith(given.redirect_uri) || address.startsWith(given.gone)) return new URL(address);
      const response = await this.go(address);
      const location = response.headers.get("location");
      if (location) {
        address = new URL(location, address).href;
        continue;
      }
      const text = await response.text();
      const leave = text.match(/id="leave" href="([^"]+)"/);
      if (leave) {
        address = leave[1].replaceAll("&amp;", "&");
        continue;
      }
      assert.ok(address.includes("/sign-in/"), `stopped at ${response.status} ${address}`);
      address = await this.signIn(address, text);
    }
    throw new Error(`goes round in circles: ${address}`);
  }
  async signIn(address, text) {
    // the last of that name: the form that chooses a language comes first
    const field = (name) => [...text.matchAll(new RegExp(`name="${name}" value="([^"]*)"`, "g"))].at(-1)[1].replaceAll("&amp;", "&");
    const body = new URLSearchParams({ csrfmiddlewaretoken: field("csrfmiddlewaretoken"), next: field("next") });
    body.set("username", given.username);
    body.set("password", given.password);
    const response = await this.go(address, { method: "POST", body, headers: { referer: address, origin: new URL(address).origin } });
    assert.equal(response.status, 302);
    return new URL(response.headers.get("location"), address).href;
  }
}

let config;
const signedIn = new Browser(given.cookie);

async function question(extra = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const kept = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true };
  const parameters = {
    redirect_uri: given.redirect_uri,
    scope: "openid profile office",
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: kept.expectedState,
    nonce: kept.expectedNonce,
    ...extra,
  };
  return { address: oidc.buildAuthorizationUrl(config, parameters).href, kept };
}

async function signOn(browser, extra = {}, checks = {}) {
  const { address, kept } = await question(extra);
  const back = await browser.until(address);
  return { back, tokens: await oidc.authorizationCodeGrant(config, back, { ...kept, ...checks }) };
}

async function refused(act, error) {
  await assert.rejects(act, (found) => {
    const told = found.error ?? found.cause?.error ?? found.cause?.[0]?.parameters.error;
    assert.equal(told, error, `${found.message} ${JSON.stringify(found.cause)}`);
    return true;
  });
}

let first;
await check("discovery", async () => {
  config = await oidc.discovery(new URL(given.issuer), given.client_id, given.client_secret, undefined, insecure);
  assert.equal(config.serverMetadata().issuer, given.issuer);
});
await check("discovery says S256, code and iss", async () => {
  const told = config.serverMetadata();
  assert.deepEqual(told.code_challenge_methods_supported, ["S256"]);
  assert.deepEqual(told.response_types_supported, ["code"]);
  assert.equal(told.authorization_response_iss_parameter_supported, true);
});
await check("code flow with state, nonce, PKCE, signature", async () => {
  first = await signOn(signedIn);
  assert.equal(first.tokens.claims().aud, given.client_id);
});
await check("iss in the answer", async () => assert.equal(first.back.searchParams.get("iss"), given.issuer));
await check("an answer of another issuer is noticed", async () => {
  const { address, kept } = await question();
  const back = await signedIn.until(address);
  back.searchParams.set("iss", "https://evil.example");
  await assert.rejects(oidc.authorizationCodeGrant(config, back, kept));
});
await check("id token is short-lived", async () => {
  const { exp, iat } = first.tokens.claims();
  assert.ok(exp - iat <= 600);
});
await check("userinfo has the same subject", async () => {
  const told = await oidc.fetchUserInfo(config, first.tokens.access_token, first.tokens.claims().sub);
  assert.ok(told.name);
});
await check("sign-in on the way", async () => {
  const { tokens } = await signOn(new Browser());
  assert.equal(tokens.claims().sub, first.tokens.claims().sub);
});
await check("prompt=none of a stranger", async () => {
  const back = await new Browser().until((await question({ prompt: "none" })).address);
  assert.equal(back.searchParams.get("error"), "login_required");
});
await check("prompt=none of somebody signed in", async () => assert.ok((await signOn(signedIn, { prompt: "none" })).tokens.id_token));
await check("prompt=login proves anew", async () => {
  const browser = new Browser();
  const before = (await signOn(browser)).tokens.claims().auth_time;
  await new Promise((wake) => setTimeout(wake, 1100));
  const after = (await signOn(browser, { prompt: "login" }, { maxAge: 60 })).tokens.claims().auth_time;
  assert.ok(after > before);
});
await check("max_age proves anew", async () => {
  const browser = new Browser();
  const before = (await signOn(browser)).tokens.claims().auth_time;
  await new Promise((wake) => setTimeout(wake, 2100));
  const after = (await signOn(browser, { max_age: "1" }, { maxAge: 1 })).tokens.claims().auth_time;
  assert.ok(after > before);
});
await check("PKCE plain is refused", async () => {
  const back = await signedIn.until((await question({ code_challenge_method: "plain" })).address);
  assert.equal(back.searchParams.get("error"), "invalid_request");
});
await check("PKCE is required", async () => {
  const { address } = await question();
  const bare = new URL(address);
  bare.searchParams.delete("code_challenge");
  bare.searchParams.delete("code_challenge_method");
  assert.equal((await signedIn.until(bare.href)).searchParams.get("error"), "invalid_request");
});
await check("a wrong verifier is refused", async () => {
  const { address, kept } = await question();
  const back = await signedIn.until(address);
  await refused(
    oidc.authorizationCodeGrant(config, back, { ...kept, pkceCodeVerifier: oidc.randomPKCECodeVerifier() }),
    "invalid_grant",
  );
});
await check("a code counts once", async () => {
  const { address, kept } = await question();
  const back = await signedIn.until(address);
  await oidc.authorizationCodeGrant(config, back, kept);
  await refused(oidc.authorizationCodeGrant(config, back, kept), "invalid_grant");
});
await check("an address that is not registered is refused", async () => {
  const { address } = await question({ redirect_uri: "http://127.0.0.1:9/elsewhere" });
  const response = await signedIn.go(address);
  assert.equal(response.status, 400);
  assert.equal(response.headers.get("location"), null);
});
await check("a wrong secret is refused", async () => {
  const other = await oidc.discovery(new URL(given.issuer), given.client_id, "wrong", undefined, insecure);
  const { address, kept } = await question();
  await refused(oidc.authorizationCodeGrant(other, await signedIn.until(address), kept), "invalid_client");
});
await check("refresh rotates", async () => {
  const { tokens } = await signOn(signedIn);
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(next.refresh_token, tokens.refresh_token);
  assert.equal(next.claims().sub, tokens.claims().sub);
});
await check("a refresh token used twice ends the family", async () => {
  const { tokens } = await signOn(signedIn);
  const next = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  await refused(oidc.refreshTokenGrant(config, tokens.refresh_token), "invalid_grant");
  await refused(oidc.refreshTokenGrant(config, next.refresh_token), "invalid_grant");
  await assert.rejects(oidc.fetchUserInfo(config, next.access_token, next.claims().sub), (found) => found.status === 401);
});
await check("a revoked token is 401", async () => {
  const { tokens } = await signOn(signedIn);
  await oidc.tokenRevocation(config, tokens.access_token);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), (found) => found.status === 401);
});
await check("signing out without being asked", async () => {
  const browser = new Browser();
  const { tokens } = await signOn(browser);
  const parameters = { id_token_hint: tokens.id_token, post_logout_redirect_uri: given.gone, state: "left" };
  const back = await browser.until(oidc.buildEndSessionUrl(config, parameters).href);
  assert.equal(back.href, `${given.gone}?state=left`);
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub), (found) => found.status === 401);
  const again = await browser.until((await question({ prompt: "none" })).address);
  assert.equal(again.searchParams.get("error"), "login_required");
});
console.log(JSON.stringify(results));
