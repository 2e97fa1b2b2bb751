// Checks a presentation of a licence without asking anybody: key and status lists came with the page. The steps are those of
// contracts/verify_licence.py.
const known = JSON.parse(document.getElementById("known").textContent);
const result = document.getElementById("result");
const bytes = (text) => new TextEncoder().encode(text);
const fromBase64 = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

async function unpacked(raw, format) {
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function holds(prefix, message, signature) {
  const key = await crypto.subtle.importKey("jwk", known.keys.jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const whole = new Uint8Array([...bytes(prefix), ...message]);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, whole);
}

async function digest(salt, key, value) {
  const raw = await crypto.subtle.digest("SHA-256", bytes(JSON.stringify([salt, key, value])));
  const text = btoa(String.fromCharCode(...new Uint8Array(raw).slice(0, 16)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function status(list, place, now) {
  for (const one of known.lists) {
    const payload = JSON.parse(one.payload);
    if (payload.list !== list) continue;
    if (!(await holds("zhengtong-status/1\n", bytes(one.payload), fromBase64(one.certified)))) return "tampered";
    if (payload.validUntil < now) return "stale";
    const bits = await unpacked(fromBase64(payload.encodedList.slice(1)), "gzip");
    return ["valid", "suspended", "revoked", "expired"][(bits[place >> 2] >> (6 - 2 * (place & 3))) & 3];
  }
  return "stale";
}

async function checked(text) {
  const now = Math.floor(Date.now() / 1000);
  const [packed, signature] = text.trim().replace(/^ZT1\./, "").split(".");
  const raw = await unpacked(fromBase64(packed), "deflate");
  const content = JSON.parse(new TextDecoder().decode(raw));
  if (!(await holds("zhengtong-presentation/1\n", raw, fromBase64(signature)))) return ["tampered"];
  if (!(await holds("zhengtong-licence/1\n", bytes(content.b), fromBase64(content.s)))) return ["tampered"];
  const body = JSON.parse(content.b);
  for (const one of content.d) if (!body.sd.includes(await digest(...one))) return ["tampered"];
  if (content.exp < now || content.iat > now + 120) return ["over"];
  const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10); // the date in China
  if (body.ZZYXQQSRQ > today || (body.ZZYXQJZRQ && body.ZZYXQJZRQ < today)) return ["expired", body];
  return [await status(...body.status, now), body, content.d];
}

document.getElementById("check").addEventListener("click", async () => {
  let found;
  try {
    found = await checked(document.getElementById("text").value);
  } catch {
    found = ["malformed"];
  }
  const [verdict, body, disclosed] = found;
  result.hidden = false;
  result.dataset.verdict = verdict;
  const heading = document.createElement("h2");
  heading.textContent = result.dataset[verdict];
  const facts = body ? [body.ZZMC, body.ZZBS, body.ZZBFJG, ...(disclosed ?? []).map((one) => one[2])] : [];
  result.replaceChildren(heading, ...facts.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
});
