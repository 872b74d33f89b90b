import { Menu } from "lucide-react";
import type { RefObject } from "react";
import { useWords } from "./language";
import { mostUsed } from "./navigation";
import { type Navigation, useObjects } from "./Side";
import { WayToPage, WayToRecords, WORK_PAGES } from "./ways";

// With the way to all others there is room for so many on 390 pixels: one's day and the signals, and two objects.
const PAGES = 2;
const OBJECTS = 2;

/** What a phone has at the thumb: one's day, the signals, the objects used most, and the way to everything else. */
export function Tabs(props: {
  navigation: Navigation;
  isMore: boolean;
  onMore: () => void;
  more: RefObject<HTMLButtonElement | null>;
}) {
  const { navigation, isMore, onMore, more } = props;
  const { t, say } = useWords();
  const objects = mostUsed(useObjects().business, navigation.visits, OBJECTS).used.slice(0, OBJECTS);
  return (
    <nav className="tabs" aria-label={t("tabs")}>
      {WORK_PAGES.slice(0, PAGES).map((page) => (
        <WayToPage key={page.to} page={page} size={20} />
      ))}
      {objects.map((each) => (
        <WayToRecords key={each.key} object={each} label={say(each.plural ?? each.label)} size={20} />
      ))}
      <button ref={more} type="button" className="nav" aria-expanded={isMore} aria-controls="ways" onClick={onMore}>
        <Menu size={20} strokeWidth={1.6} aria-hidden />
        {t("moreWays")}
      </button>
    </nav>
  );
}
