import {
  Box,
  Building2,
  FileText,
  type LucideIcon,
  MapPin,
  MessageSquare,
  Network,
  Package,
  ReceiptText,
  ShoppingCart,
  Target,
  User,
  Users,
} from "lucide-react";
import type { ObjectDef } from "../api/types";

/** The pictures an object can have, by the name in its definition. */
const ICONS: Record<string, LucideIcon> = {
  building: Building2,
  cart: ShoppingCart,
  file: FileText,
  message: MessageSquare,
  package: Package,
  pin: MapPin,
  receipt: ReceiptText,
  target: Target,
  user: User,
  users: Users,
  network: Network,
};
const BUILT_IN: Record<string, string> = { person: "users", team: "network" };

export function ObjectIcon({ object, size = 16 }: { object: ObjectDef; size?: number }) {
  const Icon = ICONS[object.icon ?? BUILT_IN[object.key] ?? ""] ?? Box;
  return <Icon size={size} strokeWidth={1.6} aria-hidden />;
}
