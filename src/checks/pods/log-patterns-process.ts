/** Log patterns, first part: memory, starting programs, ports, files (failure catalogue, section 21). */
import type { LogPattern } from './log-pattern.ts';

export const PROCESS_PATTERNS: readonly LogPattern[] = [
  {
    id: 'log-oom-jvm',
    pattern:
      /java\.lang\.OutOfMemoryError(?:: (?:Java heap space|Metaspace|GC overhead limit exceeded|unable to create (?:new )?native thread|Direct buffer memory))?/,
    cause: 'log-oom',
    weight: 'specific',
    matches: [
      ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space'],
      ['java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached'],
      ['Caused by: java.lang.OutOfMemoryError: Metaspace'],
    ],
    misses: ['java.lang.StackOverflowError', 'Exiting on OutOfMemory is enabled'],
  },
  {
    id: 'log-oom-node',
    pattern: /(?:JavaScript heap out of memory|FATAL ERROR: .*Allocation failed|Reached heap limit)/,
    cause: 'log-oom',
    weight: 'specific',
    matches: [
      ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'],
      ['FATAL ERROR: CALL_AND_RETRY_LAST Allocation failed - process out of memory'],
    ],
    misses: ['heap limit is 512 MB', 'FATAL ERROR: v8::ToLocalChecked Empty MaybeLocal'],
  },
  {
    id: 'log-oom-go',
    pattern: /(?:runtime: out of memory|fatal error: runtime: cannot allocate memory|cannot allocate memory)/,
    cause: 'log-oom',
    weight: 'specific',
    matches: [['fatal error: runtime: out of memory'], ['fork/exec /bin/convert: cannot allocate memory']],
    misses: ['allocated memory: 128 MiB', 'cannot allocate port 8080'],
  },
  {
    id: 'log-oom-python',
    pattern: /^MemoryError\b|numpy\.core\._exceptions\.(?:_Array)?MemoryError|Cannot allocate memory/m,
    cause: 'log-oom',
    weight: 'specific',
    matches: [
      ['MemoryError'],
      ['numpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array'],
      ['OSError: [Errno 12] Cannot allocate memory'],
    ],
    misses: ['OutOfMemoryErrorHandler registered', 'no MemoryError expected'],
  },
  {
    id: 'log-oom-other',
    pattern: /(?:Out of memory: Killed process|OOM command not allowed|std::bad_alloc|(?:^|line \d+:|[\s:]\d+ )\s*Killed$)/m,
    cause: 'log-oom',
    weight: 'specific',
    matches: [
      ["terminate called after throwing an instance of 'std::bad_alloc'"],
      ['/entrypoint.sh: line 12:     9 Killed'],
      ["OOM command not allowed when used memory > 'maxmemory'."],
      ['Killed'],
    ],
    misses: ['worker 3 was Killed by the scheduler', 'Killed the old session'],
  },
  {
    id: 'log-exec-format',
    pattern:
      /(?:exec (?:container process )?`?(?<path>\/[^\s`:]+)`?: |(?<path2>\/[^\s:]+): cannot execute binary file: )?exec format error/i,
    cause: 'exec-format-error',
    weight: 'specific',
    matches: [
      ['exec /usr/local/bin/app: exec format error', 'path', '/usr/local/bin/app'],
      ['standard_init_linux.go:228: exec user process caused: exec format error'],
      ['exec container process `/app/server`: Exec format error', 'path', '/app/server'],
      ['/entrypoint.sh: line 3: /app/server: cannot execute binary file: Exec format error', 'path', '/app/server'],
    ],
    misses: ['error: unknown date format', 'exec /app: permission denied'],
  },
  {
    id: 'log-exec-missing-interpreter',
    pattern:
      /^exec (?<path>\S+): no such file or directory|^exec container process(?: \(missing dynamic library\?\))? `(?<path2>[^`]+)`: No such file or directory/m,
    cause: 'script-interpreter-missing',
    weight: 'specific',
    matches: [
      ['exec /docker-entrypoint.sh: no such file or directory', 'path', '/docker-entrypoint.sh'],
      ['exec container process (missing dynamic library?) `/app/server`: No such file or directory', 'path', '/app/server'],
    ],
    misses: ['job 7 exec /x: no such file or directory', '2024 exec /x: no such file or directory', 'open /x: no such file or directory'],
  },
  {
    id: 'log-command-not-found',
    pattern:
      /(?:\b(?:sh|bash|ash|zsh)\b: ?(?:line )?(?:\d+: )?(?<cmd>[\w./+-]+): (?:command )?not found|line \d+: (?<cmd2>[\w./+-]+): (?:command )?not found)/,
    cause: 'exit-127-command-not-found',
    weight: 'specific',
    matches: [
      ['/bin/sh: 1: gunicorn: not found', 'cmd', 'gunicorn'],
      ['sh: gunicorn: not found', 'cmd', 'gunicorn'],
      ['/entrypoint.sh: line 3: curl: command not found', 'cmd', 'curl'],
      ['bash: foo: command not found', 'cmd', 'foo'],
      ['./start: line 7: wait-for-it: command not found', 'cmd', 'wait-for-it'],
    ],
    misses: ['error: config: not found', 'GET /cart: not found'],
  },
  {
    id: 'log-shared-library',
    pattern: /(?:error while loading shared libraries: |Error loading shared library )(?<lib>[^\s:]+)/,
    cause: 'exit-127-command-not-found',
    weight: 'specific',
    matches: [
      [
        'node: error while loading shared libraries: libssl.so.1.1: cannot open shared object file: No such file or directory',
        'lib',
        'libssl.so.1.1',
      ],
      ['Error loading shared library libstdc++.so.6: No such file or directory (needed by /usr/local/bin/node)', 'lib', 'libstdc++.so.6'],
    ],
    misses: ['loading shared settings: done', 'error while loading the configuration'],
  },
  {
    id: 'log-address-in-use',
    pattern:
      /(?:EADDRINUSE|address already in use|only one usage of each socket address|bind\(\) to .* failed \(98)(?:[^\n]*?:(?<port>\d{1,5})\b)?/i,
    cause: 'log-address-in-use',
    weight: 'specific',
    matches: [
      ['Error: listen EADDRINUSE: address already in use :::8080', 'port', '8080'],
      ['listen tcp :8080: bind: address already in use'],
      ['nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)'],
      ["OSError: [Errno 98] Address already in use: ('0.0.0.0', 8000)"],
    ],
    misses: ['the e-mail address is already taken', 'port 8080 in use by this server'],
  },
  {
    id: 'log-bind-permission',
    pattern:
      /(?:listen (?:tcp )?\S*:(?<port>80|443|\d{1,3})\b.*permission denied|bind\(\) to \S+:(?<port2>80|443) failed \(13: Permission denied\)|listen EACCES[^\n]*?:(?<port3>\d{1,5})\b|listen EACCES|EACCES.*bind)/i,
    cause: 'log-bind-permission',
    weight: 'specific',
    matches: [
      ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)', 'port', '80'],
      ['listen tcp :80: bind: permission denied', 'port', '80'],
      ['Error: listen EACCES: permission denied 0.0.0.0:80', 'port', '80'],
    ],
    misses: ['listen tcp :8080: bind: permission denied by policy', 'open /data/app.db: permission denied'],
  },
  {
    id: 'log-permission-file',
    pattern:
      /(?:(?<![\w.])(?<path>\/[^\s'":]+)['"]?:? (?:failed \(13: )?)?(?:EACCES: permission denied|[Pp]ermission denied|PermissionError: \[Errno 13\]|java\.nio\.file\.AccessDeniedException|UnauthorizedAccessException)(?:[^\n]*?(?<path2>\/[^\s'":]+))?/,
    cause: 'log-permission-file',
    weight: 'specific',
    matches: [
      ["Error: EACCES: permission denied, open '/data/db'", 'path', '/data/db'],
      ["mkdir: cannot create directory '/data/x': Permission denied", 'path', '/data/x'],
      ["PermissionError: [Errno 13] Permission denied: '/var/log/app.log'", 'path', '/var/log/app.log'],
      ['open /data/app.db: permission denied', 'path', '/data/app.db'],
      ['mkdir() "/var/lib/nginx/body" failed (13: Permission denied)', 'path', '/var/lib/nginx/body'],
      ["sh: can't create /data/x.db: Permission denied", 'path', '/data/x.db'],
      ['sh: ./run.sh: Permission denied'],
    ],
    misses: ['user may not see this page', 'EPERM: operation not permitted'],
  },
  {
    id: 'log-readonly-fs',
    pattern:
      /(?:(?<![\w.])(?<path>\/[^\s'":]+)['"]?:? (?:failed \(30: )?)?(?:EROFS|[Rr]ead-only file system|ReadOnlyFileSystemException)(?:[^\n]*?(?<path2>\/[^\s'":]+))?/,
    cause: 'log-readonly-fs',
    weight: 'specific',
    matches: [
      ["OSError: [Errno 30] Read-only file system: '/srv/x'", 'path', '/srv/x'],
      ["Error: EROFS: read-only file system, open '/app/log'", 'path', '/app/log'],
      ["mkdir: can't create directory '/var/cache/': Read-only file system", 'path', '/var/cache/'],
      ['mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)', 'path', '/var/cache/nginx/client_temp'],
      ['open /var/run/app.pid: read-only file system', 'path', '/var/run/app.pid'],
    ],
    misses: ['ERROR: cannot execute INSERT in a read-only transaction', 'mounted the file system read-only'],
  },
  {
    id: 'log-no-space',
    pattern:
      /(?:(?<![\w.])(?<path>\/[^\s'":]+)['"]?:? )?(?:ENOSPC|[Nn]o space left on device|[Dd]isk quota exceeded)(?:[^\n]*?(?<path2>\/[^\s'":]+))?/,
    cause: 'log-no-space',
    weight: 'specific',
    matches: [
      ['write /data/wal: no space left on device', 'path', '/data/wal'],
      ["Error: ENOSPC: System limit for number of file watchers reached, watch '/app'", 'path', '/app'],
    ],
    misses: ['no space between words', 'disk quota: 80% used'],
  },
  {
    id: 'log-file-not-found',
    pattern:
      /(?:ENOENT: no such file or directory(?:, \w+ '(?<path>[^']+)')?|FileNotFoundError(?:: \[Errno 2\] No such file or directory: '(?<path2>[^']+)')?|java\.io\.FileNotFoundException(?:: (?<path3>\/\S+))?|open (?<path4>\/\S+): no such file or directory|open\(\) "(?<path5>[^"]+)" failed \(2: |cannot load certificate(?: key)? "(?<path10>[^"]+)"[^\n]*No such file|No such file or directory @ rb_sysopen(?: - (?<path6>\S+))?|Could not find file(?: '(?<path7>[^']+)')?|(?:can't|cannot) (?:open|access|stat|read) ['"]?(?<path8>[^'":\s]+)['"]?: No such file or directory|^(?:cat|ls|source|tail|head|grep|cp|mv|\.): (?<path9>\/\S+): No such file or directory)/m,
    cause: 'log-file-not-found',
    weight: 'specific',
    matches: [
      ['open /etc/app/config.yaml: no such file or directory', 'path', '/etc/app/config.yaml'],
      ["FileNotFoundError: [Errno 2] No such file or directory: '/config/settings.toml'", 'path', '/config/settings.toml'],
      ["Error: ENOENT: no such file or directory, open '/app/.env'", 'path', '/app/.env'],
      ["cat: can't open '/etc/shop/config.yaml': No such file or directory", 'path', '/etc/shop/config.yaml'],
      ['cat: /etc/shop/config.yaml: No such file or directory', 'path', '/etc/shop/config.yaml'],
      [
        'nginx: [emerg] open() "/etc/nginx/mime.types" failed (2: No such file or directory) in /etc/nginx/nginx.conf:14',
        'path',
        '/etc/nginx/mime.types',
      ],
      [
        'nginx: [emerg] cannot load certificate "/tls/tls.crt": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory)',
        'path',
        '/tls/tls.crt',
      ],
    ],
    misses: ['stat /healthz 404 page not found', 'exec /entrypoint.sh: no such file or directory'],
  },
  {
    id: 'log-module-missing',
    pattern:
      /(?:Cannot find module '(?<mod>[^']+)'|ERR_MODULE_NOT_FOUND|ModuleNotFoundError: No module named '(?<mod2>[^']+)'|ImportError:|cannot load such file -- (?<mod3>\S+)|(?:ClassNotFoundException|NoClassDefFoundError)(?:: (?<mod4>\S+))?|Could not find or load main class(?: (?<mod5>\S+))?|no main manifest attribute|Could not load file or assembly(?: '(?<mod6>[^',]+))?|Class "[^"]+" not found|panic: plugin)/,
    cause: 'log-module-missing',
    weight: 'specific',
    matches: [
      ["Error: Cannot find module 'express'", 'mod', 'express'],
      ["ModuleNotFoundError: No module named 'flask'", 'mod', 'flask'],
      ['Error: Could not find or load main class com.example.App', 'mod', 'com.example.App'],
      ['no main manifest attribute, in app.jar'],
    ],
    misses: ['module express loaded', 'Cannot find the order'],
  },
];
