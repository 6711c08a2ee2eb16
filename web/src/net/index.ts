// Responsible for: what the page takes from this folder.
// Not responsible for: anything else.
import type { CreateDirectory, CreateMeetingClient } from "../state/client";
import { ServerDirectory } from "./directory";
import { Meeting } from "./meeting";

export const createDirectory: CreateDirectory = () => new ServerDirectory();
export const createMeetingClient: CreateMeetingClient = (meeting, key) => new Meeting(meeting, key);
