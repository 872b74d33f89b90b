import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useWords } from "./language";
import "../design/shell.css";

/** Says that the network is away and what that means; gone as soon as it is back. */
export function Offline() {
  const { t } = useWords();
  const [away, setAway] = useState(!navigator.onLine);
  useEffect(() => {
    const look = () => setAway(!navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  if (!away) return null;
  return (
    <div className="offline-mark" role="status">
      <CloudOff size={14} aria-hidden />
      {t("networkAway")}
    </div>
  );
}
