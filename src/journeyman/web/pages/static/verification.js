// The built-in e-mail verification: send a code, check it, change the address.

import { fieldError, hide, show } from "./messages.js";
import { send } from "./wire.js";

const MESSAGES = [
  "intro", "info", "success", "fail_retry", "fail_no_retry", "fail_code_expired", "fail_throttled", "fail_server",
  "incorrect_format",
];
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

// The server answers in English; what it says is shown in the words that the policy has for it.
const SAYINGS = {
  "Incorrect format.": "incorrect_format",
  "That code is incorrect. Please try again.": "fail_retry",
  "You've made too many incorrect attempts. Please try again later.": "fail_no_retry",
  "That code is expired. Please request a new code.": "fail_code_expired",
  "There have been too many requests to verify this email address. Please wait a while, then try again.":
    "fail_throttled",
};

/** The states and what each shows: messages, whether the code can be entered, buttons. */
const STATES = {
  initial: { messages: ["intro"], code: false, buttons: ["send"] },
  // Ours: the address can be changed here too, because typing errors show when no message comes.
  sent: { messages: ["info"], code: true, buttons: ["verify", "resend", "edit"] },
  verified: { messages: ["success"], code: false, buttons: ["edit"] },
};

/** Make a field verifiable; `changed(isVerified)` is called whenever that changes. */
export function verifiable(field, changed) {
  const find = (suffix) => document.getElementById(`${field.ID}_${suffix}`);
  const address = document.getElementById(field.ID);
  const code = find("ver_input");
  let state = "initial";

  function enter(next) {
    state = next;
    const wanted = STATES[next];
    message(...wanted.messages);
    for (const name of ["ver_input", "ver_input_label"]) toggle(find(name), wanted.code);
    for (const name of ["send", "verify", "resend", "edit", "default"]) {
      toggle(find(`ver_but_${name}`), wanted.buttons.includes(name));
    }
    address.readOnly = next !== "initial";
    changed(next === "verified");
  }

  function message(...names) {
    for (const name of MESSAGES) (names.includes(name) ? show : hide)(find(name));
  }

  function refuse(name, text) {
    message();
    if (text in SAYINGS) show(find(SAYINGS[text]));
    else show(find(name), text || undefined);
  }

  async function ask(values) {
    const buttons = [...find("ver_but_send").closest(".buttons").querySelectorAll("button")];
    buttons.forEach((button) => { button.disabled = true; });
    toggle(find("ver_wait"), true);
    const answer = await send({ ...values, claim_id: field.ID, claim_value: address.value.trim() });
    toggle(find("ver_wait"), false);
    buttons.forEach((button) => { button.disabled = false; });
    return answer;
  }

  async function sendCode() {
    fieldError(field.ID, "");
    if (!ADDRESS.test(address.value.trim())) {
      refuse("incorrect_format");
      address.focus();
      return;
    }
    const answer = await ask({ request_type: "VERIFICATION_REQUEST" });
    if (answer.status !== "200") {
      refuse("fail_server", answer.message);
      return;
    }
    code.value = "";
    enter("sent");
    code.focus();
  }

  async function verifyCode() {
    const answer = await ask({ request_type: "VALIDATION_REQUEST", user_input: code.value.trim() });
    if (answer.status !== "200") {
      refuse("fail_retry", answer.message);
      code.focus();
      code.select();
      return;
    }
    enter("verified");
    nextEmptyField(address)?.focus();
  }

  find("ver_but_send").addEventListener("click", sendCode);
  find("ver_but_resend").addEventListener("click", sendCode);
  find("ver_but_verify").addEventListener("click", verifyCode);
  find("ver_but_edit").addEventListener("click", () => {
    enter("initial");
    address.focus();
  });
  for (const [input, action] of [[address, sendCode], [code, verifyCode]]) {
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || (input === address && state !== "initial")) return;
      event.preventDefault();
      action();
    });
  }
  enter("initial");

  return {
    isVerified: () => state === "verified",
    /** Lead the person to what is left to do. */
    remind() {
      if (state === "initial") message("intro");
      (state === "initial" ? address : code).focus();
    },
  };
}

function toggle(element, visible) {
  element.setAttribute("aria-hidden", String(!visible));
  element.style.display = visible ? "" : "none";
}

function nextEmptyField(after) {
  const inputs = [...document.querySelectorAll("#attributeList input.textInput")];
  const behind = inputs.slice(inputs.indexOf(after) + 1);
  return behind.find((input) => !input.readOnly && !input.value) ?? document.getElementById("continue");
}
