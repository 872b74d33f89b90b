import {
  AlarmClock,
  Archive,
  Box,
  Building2,
  Calendar,
  CircleCheck,
  ClipboardList,
  CreditCard,
  FileText,
  Layers,
  List,
  type LucideIcon,
  MapPin,
  MessageSquare,
  Network,
  Package,
  Phone,
  ReceiptText,
  ScanText,
  ShoppingCart,
  SquarePen,
  Target,
  User,
  Users,
} from "lucide-react";
import type { ObjectDef } from "../api/types";

/** The pictures an object can have, by the name in its definition. */
const ICONS: Record<string, LucideIcon> = {
  "alarm-clock": AlarmClock,
  archive: Archive,
  building: Building2,
  calendar: Calendar,
  cart: ShoppingCart,
  check: CircleCheck,
  clipboard: ClipboardList,
  "credit-card": CreditCard,
  edit: SquarePen,
  file: FileText,
  "file-text": FileText,
  layers: Layers,
  list: List,
  "map-pin": MapPin,
  message: MessageSquare,
  "scan-text": ScanText,
  "message-circle": MessageSquare,
  phone: Phone,
  "shopping-cart": ShoppingCart,
  package: Package,
  pin: MapPin,
  receipt: ReceiptText,
  target: Target,
  user: User,
  users: Users,
  network: Network,
};
const BUILT_IN: Record<string, string> = { person: "users", team: "network" };

interface Pictured {
  key: string;
  icon?: ObjectDef["icon"] | null;
}

export function ObjectIcon({ object, size = 16 }: { object: Pictured; size?: number }) {
  const Icon = ICONS[object.icon ?? BUILT_IN[object.key] ?? ""] ?? Box;
  return <Icon size={size} strokeWidth={1.6} aria-hidden />;
}
