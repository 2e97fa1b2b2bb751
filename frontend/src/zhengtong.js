import "bootstrap/js/dist/collapse";
import "bootstrap/js/dist/dropdown";
import "htmx.org";

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.target) form.dataset.sent = "1";
});
// coming back through history must not leave forms locked
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// An error summary is where a reader of the page must begin.
document.querySelector("[data-error-summary]")?.focus();

// "Choose all" above a table.
document.querySelectorAll("input[data-choose-all]").forEach((all) =>
  all.addEventListener("change", () =>
    document.querySelectorAll(`input[name="${all.dataset.chooseAll}"]`).forEach((one) => {
      one.checked = all.checked;
    }),
  ),
);

// A select that changes the page does so at once; without scripts there is a button.
document.querySelectorAll("select[data-submit-on-change]").forEach((select) => select.addEventListener("change", () => select.form.requestSubmit()));

// Copy buttons beside code.
document.querySelectorAll("button[data-copy]").forEach((button) =>
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  }),
);

// A row of navigation that scrolls begins where one stands.
document.querySelectorAll(".tabs [aria-current]").forEach((one) => {
  const row = one.closest(".tabs");
  row.scrollLeft = one.offsetLeft - (row.clientWidth - one.offsetWidth) / 2;
});

// On a phone the filters of a list are closed, so that what was found is near; what is chosen stands above them.
if (window.matchMedia("(max-width: 767px)").matches) document.querySelectorAll(".facets details[open]").forEach((one) => one.removeAttribute("open"));

// Print buttons; without scripts the browser's own command does the same.
document.querySelectorAll("button[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

// A form that needs a passkey asks the browser for it first, then is sent with its answer.
document.querySelectorAll("form[data-passkey]").forEach((form) =>
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    // it has not been sent so far, whatever the listener above notes after this one
    event.stopPropagation();
    const options = JSON.parse(document.getElementById("passkey-options").textContent);
    const trouble = document.querySelector("[data-passkey-trouble]");
    trouble.hidden = true;
    try {
      const making = form.dataset.passkey === "create";
      const publicKey = making ? PublicKeyCredential.parseCreationOptionsFromJSON(options) : PublicKeyCredential.parseRequestOptionsFromJSON(options);
      const answer = making ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
      form.elements.credential.value = JSON.stringify(answer.toJSON());
    } catch {
      trouble.hidden = false;
      return;
    }
    form.requestSubmit();
  }),
);
