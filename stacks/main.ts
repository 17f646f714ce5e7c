// What `pulumi up` runs: a module with a default export alone is called, and gives the outputs.
export { program as default } from "./index.js";
