/** The reference backend in f32 against itself in f64. */

import { ReferenceBackend } from "../../lib/backend/reference/reference_backend.ts";
import { contract } from "./contract.ts";

contract("ReferenceBackend", () => new ReferenceBackend());
