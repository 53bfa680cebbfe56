// Where one logs in or registers: nobody is logged in, so this browser keeps no chats for offline. (What waits to be sent
// stays, and is sent when the same person is back.)
import { forgetKept } from "./storage.js";

forgetKept();
