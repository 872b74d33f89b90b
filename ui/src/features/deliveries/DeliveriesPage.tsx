import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Segmented } from "antd";
import { useState } from "react";
import { api, told } from "../../api/client";
import type { DeliveryShown } from "../../api/schema";
import { useWords } from "../../app/language";
import { Empty } from "../../design/Empty";
import { PageTitle } from "../../design/PageTitle";

const STATES = ["", "dead", "waiting", "sent"] as const;
type State = (typeof STATES)[number];

/** What went out, what waits, and what did not get there, with each attempt; what is dead is sent again from here. */
export function DeliveriesPage() {
  const { t } = useWords();
  const [state, setState] = useState<State>("");
  const log = useInfiniteQuery({
    queryKey: ["deliveries", state],
    initialPageParam: "",
    queryFn: ({ pageParam }) =>
      told(
        api.GET("/api/deliveries", {
          params: { query: { ...(state ? { state } : {}), ...(pageParam ? { before: pageParam } : {}) } },
        }),
      ),
    getNextPageParam: (page) => page.next_before ?? undefined,
    retry: false,
  });
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <header className="bar">
        <PageTitle>{t("deliveries")}</PageTitle>
      </header>
      <div className="bar tools">
        <Segmented
          aria-label={t("deliveries")}
          value={state}
          onChange={setState}
          options={STATES.map((value) => ({ value, label: value ? t(`delivery.${value}`) : t("all") }))}
        />
      </div>
      <div className="page today">
        {log.isError && <p className="fault">{log.error.message}</p>}
        {log.isSuccess && items.length === 0 && (
          <Empty title={t("delivery.nothing")} lead={t("delivery.nothingLead")} />
        )}
        {items.length > 0 && (
          <section className="work-block">
            <ul>
              {items.map((each) => (
                <Delivery key={each.id} delivery={each} />
              ))}
            </ul>
          </section>
        )}
        {log.hasNextPage && <Button onClick={() => void log.fetchNextPage()}>{t("more")}</Button>}
      </div>
    </>
  );
}

function Delivery({ delivery }: { delivery: DeliveryShown }) {
  const { t, language } = useWords();
  const { message } = App.useApp();
  const client = useQueryClient();
  const again = useMutation({
    mutationFn: () =>
      told<unknown>(api.POST("/api/deliveries/{id}/run-again", { params: { path: { id: delivery.id } } })),
    onSuccess: () => void message.success(t("delivery.waitsAgain")),
    onError: (error) => void message.error(error.message, 6),
    onSettled: () => client.invalidateQueries({ queryKey: ["deliveries"] }),
  });
  const when = (moment: string) =>
    new Date(moment).toLocaleString(language === "zh" ? "zh-CN" : "en", { dateStyle: "short", timeStyle: "short" });
  const last = delivery.log.at(-1);
  return (
    <li className="work-row">
      <div className="work-what">
        <b>{delivery.title}</b>
        <span className="chip" data-colour={delivery.state === "dead" ? "red" : undefined}>
          {t(`delivery.${delivery.state}`)}
        </span>
        <p>
          {delivery.name && <span>{delivery.name}</span>}
          <span>{t(`delivery.by.${delivery.channel}`, delivery.channel)}</span>
          <span>{when(delivery.made_at)}</span>
          {delivery.attempt > 0 && <span>{t("delivery.attempts", { count: delivery.attempt })}</span>}
          {delivery.state === "waiting" && <span>{t("delivery.due", { when: when(delivery.due_at) })}</span>}
        </p>
        {typeof last?.error === "string" && <p className="fault">{last.error}</p>}
      </div>
      {delivery.state === "dead" && (
        <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>
          {t("delivery.again")}
        </Button>
      )}
    </li>
  );
}
