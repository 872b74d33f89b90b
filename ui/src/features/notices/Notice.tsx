import { Link } from "@tanstack/react-router";
import type { NoticeShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { Moment, momentText } from "../../app/moments";
import { wayToRecord } from "../../app/record-way";

/** One notice, a way to what it is about; one that is held back says until when, and why. */
export function Notice({ notice, onLeave }: { notice: NoticeShown; onLeave: () => void }) {
  const { t, language } = useWords();
  const waits = notice.held && new Date(notice.show_at) > new Date();
  return (
    <li data-new={!notice.seen_at}>
      <Title notice={notice} onLeave={onLeave} />
      {notice.body && <p>{notice.body}</p>}
      <span className="when">
        <Moment at={notice.at} />
      </span>
      {waits && (
        <p className="lead">
          {t(`noticeHeld.${notice.held}`, { when: momentText(new Date(notice.show_at), language) })}
        </p>
      )}
    </li>
  );
}

function Title({ notice, onLeave }: { notice: NoticeShown; onLeave: () => void }) {
  const { title, subject } = notice;
  if (!subject) return <b>{title}</b>;
  // Tasks and packs have pages of their own, where something can be done with them.
  if (subject.object === "task")
    return (
      <Link to="/" onClick={onLeave}>
        <b>{title}</b>
      </Link>
    );
  if (subject.object === "content")
    return (
      <Link to="/content" search={{ pack: subject.id }} onClick={onLeave}>
        <b>{title}</b>
      </Link>
    );
  return (
    <Link {...wayToRecord(subject.object, subject.id)} onClick={onLeave}>
      <b>{title}</b>
    </Link>
  );
}
