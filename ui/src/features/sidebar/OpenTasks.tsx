import { useQuery } from "@tanstack/react-query";
import { listRecords } from "../../api/queries";
import { useWords } from "../../app/language";
import { useNow } from "../today/now";
import { TaskRow } from "../today/TaskRow";

const SHOWN = 5;

/** What is open about the record, the most urgent first, as far as the person may see it; done where it stands. */
export function OpenTasks({ object, id }: { object: string; id: string }) {
  const { t } = useWords();
  const now = useNow();
  const found = useQuery({
    queryKey: ["records", "task", "open", object, id],
    queryFn: () =>
      listRecords("task", {
        filter: `state = 'open' AND subject_object = '${object}' AND subject_id = '${id}'`,
        sort: "due_at",
        limit: SHOWN,
      }),
    retry: false,
  });
  const tasks = found.data?.items ?? [];
  return (
    <section className="side-bar-part" aria-label={t("sideBar.tasks")}>
      <h2>{t("sideBar.tasks")}</h2>
      {found.isError && <p className="fault">{found.error.message}</p>}
      {found.isSuccess && tasks.length === 0 && <p className="blank">{t("sideBar.noTasks")}</p>}
      <ul className="work-block">
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} now={now} />
        ))}
      </ul>
    </section>
  );
}
