import { KeyboardCode, type KeyboardCoordinateGetter } from "@dnd-kit/core";

// A card's corner inside its lane, under the lane's head.
const INSIDE = { x: 8, y: 40 };

/** Arrows left and right take a card to the next lane, however wide it is. */
export const laneByArrow: KeyboardCoordinateGetter = (event, { currentCoordinates, context }) => {
  const step = event.code === KeyboardCode.Right ? 1 : event.code === KeyboardCode.Left ? -1 : 0;
  if (step === 0) return undefined;
  event.preventDefault();
  const lanes = [...context.droppableRects.values()].sort((one, other) => one.left - other.left);
  const at = lanes.findIndex((lane) => currentCoordinates.x < lane.right);
  const next = lanes[Math.max(0, Math.min(lanes.length - 1, at + step))];
  return next && { x: next.left + INSIDE.x, y: next.top + INSIDE.y };
};

/** Space takes a card up and sets it down; Enter opens it, as in a list, or sets it down while it is held. */
export const CARD_KEYS = {
  start: [KeyboardCode.Space],
  cancel: [KeyboardCode.Esc],
  end: [KeyboardCode.Space, KeyboardCode.Enter],
};
