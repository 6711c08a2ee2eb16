// Responsible for: starting the page: styles, theme, and the real meeting or server behind the views.
// Not responsible for: anything that can be tested without a browser.
import { address } from "./address";
import "@fontsource-variable/inter/wght.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { createRoot } from "react-dom/client";
import { createDirectory, createMeetingClient } from "./net";
import { openStore } from "./state/store";
import { NotFound } from "./views/ends/NotFound";
import { Home } from "./views/home/Home";
import { Meeting } from "./views/meeting/Meeting";
import { wearRememberedTheme } from "./views/parts/Theme";

wearRememberedTheme();
// The same link again, pasted into the address bar, changes only the fragment and loads nothing.
addEventListener("hashchange", () => location.reload());

function meetingPage(meeting: string, key: string | null) {
  const client = createMeetingClient(meeting, key);
  const store = openStore(client);
  client.open();
  const rejoin = () => {
    if (client.link) history.replaceState(null, "", client.link);
    location.reload();
  };
  return <Meeting client={client} store={store} onRejoin={rejoin} />;
}

function page() {
  if (address.meeting) return meetingPage(address.meeting, address.key);
  return address.home ? <Home directory={createDirectory()} /> : <NotFound />;
}

createRoot(document.getElementById("root") as HTMLElement).render(page());
