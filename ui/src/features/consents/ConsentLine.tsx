import type { AgreementShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Level } from "../../design/Level";
import { otherSide, useRecordConsent } from "./agreements";
import "./consents.css";

const LEVELS = { all: "green", some: "yellow", none: "grey" } as const;
const SHOWN = 4;

/** Whether a customer's chats are kept, and with whom he stands how; nothing where he is in no archive. */
export function ConsentLine({ object, id }: { object: string; id: string }) {
  const { t } = useWords();
  const found = useRecordConsent(object, id, true).data;
  if (!found?.kept) return null;
  const more = found.items.length - SHOWN;
  return (
    <p className="consent-line">
      <Level level={LEVELS[found.kept]}>{t(`consents.kept.${found.kept}`)}</Level>
      {found.items.slice(0, SHOWN).map((each) => (
        <Standing key={`${each.source} ${each.customer_id} ${each.member_id} ${each.room}`} pair={each} />
      ))}
      {more > 0 && <span>{t("consents.andMore", { count: more })}</span>}
    </p>
  );
}

function Standing({ pair }: { pair: AgreementShown }) {
  const { t } = useWords();
  return (
    <span>
      {otherSide(pair, t("consents.room"))} {t(`consents.${pair.state}`)}
      {pair.since && (
        <>
          {" "}
          <Moment at={pair.since} day />
        </>
      )}
    </span>
  );
}
