// What a browser adds to the pages: they fetch themselves when there is news, clocks run, keys work.
import { follow } from "./live.js";
import { clocks } from "./clocks.js";
import { keys } from "./keys.js";

document.documentElement.classList.add("js");
clocks();
keys();
document.addEventListener("change", (e) => {
  if (e.target.matches("[data-submit]")) e.target.form.requestSubmit();
});
const from = document.body.dataset.liveFrom;
if (from) follow(from);
