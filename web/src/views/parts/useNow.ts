// Responsible for: a clock that makes a view show how long something lasts.
// Not responsible for: any decision: nothing waits on this clock.
import { useEffect, useState } from "react";

export function useNow(every = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
