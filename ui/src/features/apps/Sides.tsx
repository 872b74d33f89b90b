import { useWords } from "../../app/language";
import { type Definition, differences, type Step } from "./differences";

/** The places in which the sides of one definition differ, side by side. */
export function Sides<Side extends string>(props: { of: Record<NoInfer<Side>, Definition>; sides: Side[] }) {
  const { of, sides } = props;
  const { t } = useWords();
  const property = (name: string) => t(`property.${name}`, { defaultValue: name });
  const kind = (name: string) =>
    t(`widget.${name}`, { defaultValue: t(`rule.act.${name}`, { defaultValue: name }) as string });
  const found = differences(of, sides, { property, kind, yesNo: (value) => t(value ? "yes" : "no") });
  const name = (at: Step[]) => at.map((step) => ("item" in step ? step.item : property(step.property))).join(" › ");
  return (
    <table className="plain app-sides">
      <thead>
        <tr>
          <th scope="col">{t("apps.property")}</th>
          {sides.map((side) => (
            <th key={side} scope="col">
              {t(`apps.${side}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {found.map(({ at, said }) => (
          <tr key={name(at)}>
            <th scope="row">{name(at)}</th>
            {sides.map((side) => (
              <td key={side}>{said[side] || "—"}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
