import { Link } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { Download } from "lucide-react";
import { useState } from "react";
import type { AgreementShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { Moment } from "../../app/moments";
import { Empty } from "../../design/Empty";
import { Level } from "../../design/Level";
import { PageTitle } from "../../design/PageTitle";
import { RecordPicker } from "../../designers/RecordPicker";
import {
  type AgreementState,
  asked,
  exportAddress,
  LEVELS,
  type Narrowed,
  otherSide,
  STATES,
  useLedger,
} from "./agreements";
import "./consents.css";

/** Who agreed that his chats are kept: each customer with each member, how they stand since when, and what was told. */
export function ConsentsPage() {
  const { t } = useWords();
  const [narrowed, setNarrowed] = useState<Narrowed>({});
  const ledger = useLedger(narrowed);
  const pages = ledger.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const counts = pages[0]?.counts;
  const every = counts && STATES.reduce((sum, state) => sum + counts[state], 0);
  const narrow = (more: { [Name in keyof Narrowed]: Narrowed[Name] | undefined }) =>
    setNarrowed((before) => asked({ ...before, ...more } as Narrowed));
  const withCount = (word: string, count: number | undefined) => (count === undefined ? word : `${word} ${count}`);
  return (
    <>
      <header className="bar">
        <PageTitle>{t("consents")}</PageTitle>
        <span className="gap" />
        <Button href={exportAddress(narrowed)} download icon={<Download size={14} aria-hidden />}>
          {t("export")}
        </Button>
      </header>
      <div className="bar tools consents-tools">
        <Segmented<AgreementState | "">
          aria-label={t("consents.state")}
          value={narrowed.state ?? ""}
          onChange={(state) => narrow({ state: state || undefined })}
          options={[
            { value: "", label: withCount(t("all"), every) },
            ...STATES.map((value) => ({ value, label: withCount(t(`consents.${value}`), counts?.[value]) })),
          ]}
        />
        <RecordPicker
          object={pages[0]?.customer_object ?? ""}
          label={t("consents.customer")}
          value={narrowed.customer}
          onChange={(customer) => narrow({ customer })}
        />
        <RecordPicker
          object="person"
          label={t("consents.member")}
          value={narrowed.person}
          onChange={(person) => narrow({ person })}
        />
      </div>
      <div className="page today">
        {ledger.isError && <p className="fault">{ledger.error.message}</p>}
        {ledger.isSuccess && items.length === 0 && (
          <Empty title={t("consents.nothing")} lead={t("consents.nothingLead")} />
        )}
        {items.length > 0 && (
          <section className="work-block">
            <ul aria-label={t("consents")}>
              {items.map((each) => (
                <Pair key={`${each.source} ${each.customer_id} ${each.member_id} ${each.room}`} pair={each} />
              ))}
            </ul>
          </section>
        )}
        {ledger.hasNextPage && (
          <Button onClick={() => void ledger.fetchNextPage()} loading={ledger.isFetchingNextPage}>
            {t("more")}
          </Button>
        )}
      </div>
    </>
  );
}

function Pair({ pair }: { pair: AgreementShown }) {
  const { t } = useWords();
  const { customer } = pair;
  return (
    <li className="work-row">
      <div className="work-what">
        <b>
          {customer ? (
            <Link to="/records/$object/$id" params={{ object: customer.object, id: customer.id }}>
              {customer.label ?? pair.customer_id}
            </Link>
          ) : (
            pair.customer_id
          )}
        </b>
        <Level level={LEVELS[pair.state]}>{t(`consents.${pair.state}`)}</Level>
        <p>
          <span>{t("consents.with", { name: otherSide(pair, `${t("consents.room")} ${pair.room}`) })}</span>
          {pair.since && (
            <span>
              {t("consents.since")} <Moment at={pair.since} />
            </span>
          )}
        </p>
      </div>
      {pair.told.length > 0 && (
        <details className="consents-told">
          <summary>{t("consents.told", { count: pair.told.length })}</summary>
          <ol>
            {[...pair.told].reverse().map((word) => (
              <li key={`${word.at} ${word.answer}`}>
                <Moment at={word.at} /> · {t(`consents.said.${word.answer}`)} · {t(`consents.by.${word.by}`, word.by)}
              </li>
            ))}
          </ol>
        </details>
      )}
    </li>
  );
}
