import { useQueryClient } from "@tanstack/react-query";
import { App, Button } from "antd";
import { api, Problem, told } from "../../api/client";
import { useWords } from "../../app/language";
import { usePhone } from "../../grid/phone";

/** Says that a change of the model is in force, and offers to take it back. */
export function useTellApplied() {
  const tell = useTellDone();
  return (id: string, title: string) => tell(id, title, () => takeBack(id));
}

/** Takes a change of the model back. */
export const takeBack = (id: string): Promise<unknown> =>
  told<unknown>(api.POST("/api/model/changes/{id}/undo", { params: { path: { id } } }));

/** Says that something was done, and offers to take it back by `undo`. */
export function useTellDone() {
  const { t } = useWords();
  const client = useQueryClient();
  const { notification } = App.useApp();
  // What is done next is mostly at the top right; on a phone the way on is at the foot.
  const placement = usePhone() ? "top" : "bottomRight";
  return (key: string, title: string, undo?: () => Promise<unknown>) => {
    const back = async () => {
      try {
        await undo?.();
        notification.destroy(key);
        notification.success({ title: t("undone"), description: title, duration: 4, placement });
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        notification.error({ title: error.message, placement });
      }
      await client.invalidateQueries();
    };
    notification.success({
      key,
      title: t("applied"),
      description: title,
      duration: 20,
      placement,
      ...(undo && {
        actions: (
          <Button size="small" onClick={() => void back()}>
            {t("undoChange")}
          </Button>
        ),
      }),
    });
  };
}
