regress/pm2d/h_creds: regress/pm2d/h_creds.c
