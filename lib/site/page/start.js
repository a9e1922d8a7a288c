/**
 * The page to try models on, as its own engine: what is asked of a server
 * elsewhere is asked of a worker, which has models in the browser's store.
 */

import "./isolation.js";
import "./words.js";
import "./panels.js";
import "./asking.js";
import "./library.js";
import "./training.js";
