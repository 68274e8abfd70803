import { init } from "/assets/redoc/js/redoc.standalone.js";

init("/openapi.json", { disableTelemetry: true }, document.getElementById("page"));

// ReDoc is dark from the start where the system is, and does not notice when that changes.
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => {
  document.documentElement.classList.toggle("dark", dark.matches);
  document.documentElement.classList.toggle("light", !dark.matches);
});
