/**
 * Tell the server in a cookie which time zone the person is in, so that it shows times in that one and names it.
 */

const YEAR = 365 * 24 * 60 * 60;
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

if (timeZone) document.cookie = `timezone=${timeZone}; path=/; max-age=${YEAR}; samesite=lax`;
