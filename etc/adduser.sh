#!/bin/sh
#
# As root: the system user that the log daemon runs as.  Never fatal; pm2d
# says it loudly when the user is not there.

user=_pm2logd

[ "$(id -u)" -eq 0 ] || exit 0
[ "${SYSUSER:-yes}" = yes ] || exit 0
if id "$user" >/dev/null 2>&1; then
	echo "system user $user is there"
	exit 0
fi
if command -v useradd >/dev/null 2>&1 &&
    useradd --system --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin --user-group \
    --comment "pm2d log daemon" "$user"; then
	echo "system user $user made"
elif command -v adduser >/dev/null 2>&1 &&
    adduser -S -D -H -h /nonexistent -s /sbin/nologin "$user"; then
	echo "system user $user made"
else
	echo "no system user $user could be made: pm2logd will run as root" >&2
fi
exit 0
