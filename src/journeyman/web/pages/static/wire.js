// The page wire protocol: values in, answers and navigations out.

const { SETTINGS, CONTENT } = window;
const base = SETTINGS.hosts.tenant;
const place = `tx=${encodeURIComponent(SETTINGS.transId)}&p=${encodeURIComponent(SETTINGS.hosts.policy)}`;

/** Post values to the page endpoint; an answer always comes back, also when there is no connection. */
export function send(values) {
  return post(`${base}/SelfAsserted?${place}`, values);
}

/** Ask for an action of a display control. */
export function act(control, action, values) {
  const name = `${encodeURIComponent(control)}/${encodeURIComponent(action)}`;
  return post(`${base}/SelfAsserted/DisplayControlAction/vbeta/${name}?${place}`, values);
}

function post(address, values) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRF-TOKEN", SETTINGS.csrf);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    request.timeout = 120000;
    request.onload = () => resolve(parse(request.responseText));
    request.onerror = request.ontimeout = () => resolve(failure());
    request.send(new URLSearchParams(values).toString());
  });
}

/** Leave the page: confirmed, cancelled. */
export function leave(action, values = {}) {
  const extra = Object.entries(values).map(([name, value]) => `${name}=${encodeURIComponent(value)}&`).join("");
  const token = `csrf_token=${encodeURIComponent(SETTINGS.csrf)}`;
  location.replace(`${base}/api/${SETTINGS.api}/${action}?${extra}${token}&${place}`);
}

function parse(text) {
  try {
    const answer = JSON.parse(text);
    return typeof answer.status === "string" ? answer : failure();
  } catch {
    return failure();
  }
}

function failure() {
  return { status: "500", errorCode: "", message: CONTENT.unknown_error };
}
