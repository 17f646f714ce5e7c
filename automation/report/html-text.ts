// Text for HTML.

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escapeHtml = (text: unknown): string =>
  String(text ?? "").replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
