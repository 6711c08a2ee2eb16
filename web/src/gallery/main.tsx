// Responsible for: a page that shows any state of the product: /gallery.html?state=NAME.
// Not responsible for: the states (states.ts). It is not part of what is served.
import "@fontsource-variable/inter/wght.css";
import "../styles/tokens.css";
import "../styles/base.css";
import type { ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { Store } from "../state/store";
import { NotFound } from "../views/ends/NotFound";
import { Home } from "../views/home/Home";
import { Meeting } from "../views/meeting/Meeting";
import { amended, failingDirectory, pretendClient, pretendDirectory } from "./client";
import css from "./gallery.module.css";
import { NOW } from "./people";
import { states } from "./states";

const pages: Record<string, ReactElement> = {
  home: <Home directory={pretendDirectory(true)} />,
  "home-beacons": <Home directory={pretendDirectory(true, true)} />,
  "home-empty": <Home directory={pretendDirectory(false)} />,
  "home-failed": <Home directory={failingDirectory()} />,
  notfound: <NotFound />,
};

/** Times that are shown count from the state's own now. */
function stopClock(): void {
  const began = performance.now();
  Date.now = () => NOW + performance.now() - began;
}

function meeting(name: string) {
  const state = states[name];
  if (!state) return null;
  stopClock();
  const store = new Store(Date.now, state);
  // For who wants to see what an event changes: happen({ t: "phase", phase: "lost" }).
  Object.assign(window, { happen: store.dispatch, amended });
  return <Meeting client={pretendClient(store)} store={store} onRejoin={() => undefined} />;
}

function Index() {
  const names = [...Object.keys(pages), ...Object.keys(states)];
  return (
    <main className={css.index}>
      <h1>Gallery of states</h1>
      <ul>
        {names.map((name) => (
          <li key={name}>
            <a href={`?state=${name}`} data-state={name}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </main>
  );
}

const name = new URLSearchParams(location.search).get("state") ?? "";
const page = pages[name] ?? meeting(name) ?? <Index />;
createRoot(document.getElementById("root") as HTMLElement).render(page);
