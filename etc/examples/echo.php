<?php
// pm2ctl start echo.php
while (true) {
	echo "ok from php\n";
	sleep(1);
}
