import { init } from "/assets/redoc/js/redoc.standalone.js";

init("/openapi.json", { disableTelemetry: true }, document.getElementById("page"));
