// Numbers, moments and how long ago they were, as the page's language writes them.

export function formats(language) {
  // Of 11/12 in America's order nobody here knows the month.
  const locale = language === "en" ? "en-GB" : language;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    number: new Intl.NumberFormat(locale),
    moment: new Intl.DateTimeFormat(locale, {
      dateStyle: "short",
      timeStyle: "short",
      timeZone: "Asia/Ho_Chi_Minh",
    }),
    since(made) {
      const minutes = Math.round((Date.now() - made) / 60_000);
      if (minutes < 60) return relative.format(-Math.max(0, minutes), "minute");
      if (minutes < 48 * 60) return relative.format(-Math.floor(minutes / 60), "hour");
      return relative.format(-Math.floor(minutes / 1440), "day");
    },
  };
}
