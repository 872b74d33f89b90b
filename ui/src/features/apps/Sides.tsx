import { useWords } from "../../app/language";
import { type Definition, differences } from "./differences";

/** The properties in which the sides of one definition differ, side by side. */
export function Sides<Side extends string>(props: { of: Record<NoInfer<Side>, Definition>; sides: Side[] }) {
  const { of, sides } = props;
  const { t } = useWords();
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
        {differences(of, sides).map((each) => (
          <tr key={each.name}>
            <th scope="row">{t(`property.${each.name}`, { defaultValue: each.name })}</th>
            {sides.map((side) => (
              <td key={side}>{each[side] || "—"}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
