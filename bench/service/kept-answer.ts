// The Worker with a predict that returns its first answer to every later call.
import worker from "../../worker/index.ts";
import { keepFirstAnswer } from "./keep-answer.ts";

keepFirstAnswer();

export default worker;
