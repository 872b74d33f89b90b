import { Link } from "@tanstack/react-router";
import { Menu, Radio, SunMedium } from "lucide-react";
import type { RefObject } from "react";
import { ObjectIcon } from "../design/ObjectIcon";
import { useWords } from "./language";
import { mostUsed } from "./navigation";
import { type Navigation, useObjects } from "./Side";

// With one's day, the signals and the way to all others there is room for so many on 390 pixels.
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
      <Link className="nav" to="/" activeOptions={{ exact: true }}>
        <SunMedium size={20} strokeWidth={1.6} aria-hidden />
        {t("todayPage")}
      </Link>
      <Link className="nav" to="/signals">
        <Radio size={20} strokeWidth={1.6} aria-hidden />
        {t("signalsPage")}
      </Link>
      {objects.map((each) => (
        <Link key={each.key} className="nav" to="/records/$object" params={{ object: each.key }}>
          <ObjectIcon object={each} size={20} />
          {say(each.label)}
        </Link>
      ))}
      <button ref={more} type="button" className="nav" aria-expanded={isMore} aria-controls="ways" onClick={onMore}>
        <Menu size={20} strokeWidth={1.6} aria-hidden />
        {t("moreWays")}
      </button>
    </nav>
  );
}
