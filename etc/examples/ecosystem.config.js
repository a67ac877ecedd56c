// Evaluated by your own node.  pm2ctl start ecosystem.config.js
const version = process.env.npm_package_version || '0';

module.exports = {
  apps: [{
    name: 'api',
    script: './ready.js',
    instances: 2,
    wait_ready: true,
    max_memory_restart: '300M',
    env: { NODE_ENV: 'development', VERSION: version },
    env_production: { NODE_ENV: 'production' },
  }, {
    name: 'worker',
    script: './echo.js',
    exec_mode: 'fork',
    depends_on: { api: 'ready' },
    restart_delay: '2s',
  }],
};
