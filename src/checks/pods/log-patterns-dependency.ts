/** Log patterns, second part: credentials, configuration, network, databases (failure catalogue, section 21). */
import type { LogPattern } from './log-pattern.ts';

export const DEPENDENCY_PATTERNS: readonly LogPattern[] = [
  {
    id: 'log-k8s-unauthorized',
    pattern:
      /(?:Unauthorized.*(?:apiserver|kubernetes|10\.\d+\.0\.1)|unable to load in-cluster configuration|open \/var\/run\/secrets\/kubernetes\.io\/serviceaccount\/token: no such file)/i,
    cause: 'log-k8s-forbidden',
    weight: 'specific',
    matches: [
      ['unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined'],
      ['Get "https://10.96.0.1:443/api": Unauthorized by apiserver'],
    ],
    misses: ['401 Unauthorized: sign in first', 'loaded in-cluster configuration'],
  },
  {
    id: 'log-db-auth',
    pattern:
      /(?:password authentication failed for user "?(?<user>[^"\s]+)|Access denied for user '(?<user2>[^']+)'|authentication failed|WRONGPASS|NOAUTH Authentication required|SASL authentication failed|Login failed for user(?: '(?<user3>[^']+)')?|ORA-01017|no pg_hba\.conf entry|FATAL:\s+role "(?<user4>[^"]+)" does not exist|Authentication failed\.?.*mongo)/i,
    cause: 'log-db-auth',
    weight: 'specific',
    matches: [
      ['FATAL:  password authentication failed for user "app"', 'user', 'app'],
      ["ERROR 1045 (28000): Access denied for user 'root'@'10.0.0.1' (using password: YES)", 'user', 'root'],
      ['NOAUTH Authentication required.'],
    ],
    misses: ['authenticated as app', 'access denied: /admin'],
  },
  {
    id: 'log-env-missing',
    pattern:
      /(?:[Mm]issing|[Rr]equired|[Uu]ndefined|[Uu]nset|[Nn]ot set|[Mm]ust (?:set|specify|provide|define|be set)|[Ii]s not defined|[Ee]mpty)[^\n]{0,40}\b(?<var>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT|HOST|TOKEN|DSN)\b|\b(?<var2>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT|HOST|TOKEN|DSN)\b[^\n]{0,40}?(?:missing|[Rr]equired|undefined|unset|not set|must be (?:set|provided|specified|defined)|is not defined|cannot be (?:empty|blank))|KeyError: '(?<var3>[A-Z0-9_]+)'|key not found: "(?<var4>[A-Z0-9_]+)"|Could not resolve placeholder '(?<var5>[^']+)'|\b(?<var6>[A-Z][A-Z0-9_]+): parameter (?:null or )?not set|\b(?<var7>[A-Z][A-Z0-9_]+): unbound variable|You need to specify one of the following/,
    cause: 'log-env-missing',
    weight: 'specific',
    matches: [
      ['Error: Missing required environment variable: DATABASE_URL', 'var', 'DATABASE_URL'],
      ["KeyError: 'DATABASE_URL'", 'var', 'DATABASE_URL'],
      ['DATABASE_URL is not set', 'var', 'DATABASE_URL'],
      ['key not found: "SECRET_KEY_BASE"', 'var', 'SECRET_KEY_BASE'],
      ['required key API_TOKEN missing value', 'var', 'API_TOKEN'],
      ['environment variable "REDIS_HOST" must be set', 'var', 'REDIS_HOST'],
      ['java.lang.IllegalArgumentException: Could not resolve placeholder \'db.url\' in value "${db.url}"', 'var', 'db.url'],
      ['You need to specify one of the following as an environment variable:'],
      [
        'Error: Database is uninitialized and superuser password is not specified. You must specify POSTGRES_PASSWORD to a non-empty value',
        'var',
        'POSTGRES_PASSWORD',
      ],
      ['sh: DATABASE_URL: parameter not set', 'var', 'DATABASE_URL'],
      ['./start.sh: line 4: DATABASE_URL: unbound variable', 'var', 'DATABASE_URL'],
      ['DB_PASSWORD: Required', 'var', 'DB_PASSWORD'],
    ],
    misses: [
      'the required field is missing from the request',
      'INFO starting server',
      'POST /login failed: missing parameter',
      'GET /api 404 not found, PATH missing',
    ],
  },
  {
    id: 'log-config-parse',
    pattern:
      /(?:yaml: (?:line \d+|unmarshal)|YAMLException|toml: |invalid character .* looking for|Unexpected token .* in JSON|JSONDecodeError|json\.decoder|SyntaxError: Unexpected token|invalid configuration|unknown (?:directive|key|field)|nginx: \[emerg\](?! (?:host not found in upstream|bind\(\)|still could not bind))|\[emerg\] \d+#\d+: (?:unknown|invalid|unexpected|duplicate|"\w+" directive|directive))/i,
    cause: 'log-config-parse',
    weight: 'specific',
    matches: [
      ['error: yaml: line 12: mapping values are not allowed in this context'],
      ['nginx: [emerg] unknown directive "proxy_passs" in /etc/nginx/conf.d/default.conf:3'],
      ['SyntaxError: Unexpected token } in JSON at position 33'],
      ['SyntaxError: Unexpected token \'}\', ..."a":1,}" is not valid JSON'],
      ['[emerg] 1#1: unexpected "}" in /etc/nginx/conf.d/default.conf:7'],
    ],
    misses: [
      'nginx: [emerg] host not found in upstream "orders" in /etc/nginx/conf.d/default.conf:5',
      'nginx: [emerg] still could not bind()',
      'loaded yaml: 12 lines',
    ],
  },
  {
    id: 'log-bad-flag',
    pattern:
      /(?:flag provided but not defined: (?<flag>\S+)|unknown (?:shorthand )?flag: (?<flag2>\S+)|unrecognized (?:option|arguments):? ?['"]?(?<flag3>-[^\s'"]*)?|unknown option:? ['"`]?(?<flag6>-[^\s'"`]*)|(?:illegal|invalid) option -- '?(?<flag4>\w)|illegal option|Unrecognized VM option(?: '(?<flag5>[^']+)')?)/i,
    cause: 'log-bad-flag',
    weight: 'specific',
    matches: [
      ['flag provided but not defined: -porty', 'flag', '-porty'],
      ['Error: unknown flag: --listen-adr', 'flag', '--listen-adr'],
      ["httpd: unrecognized option '--porty'", 'flag', '--porty'],
      ['server.py: error: unrecognized arguments: --porty=80', 'flag', '--porty=80'],
      ["httpd: invalid option -- 'z'", 'flag', 'z'],
    ],
    misses: ['feature flag dark-mode: unknown user', 'unknown option chosen by the customer'],
  },
  {
    id: 'log-dns-failure',
    pattern:
      /(?:getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?<host>[^\s,:]+)|host not found in upstream "(?<host6>[^":/]+)|lookup (?<host2>[\w.-]+)(?: on [\d.:[\]]+)?: |Could not resolve host(?:name)?:? '?(?<host7>[\w.-]+)|bad address '(?<host8>[\w.-]+)|server can't find (?<host9>[\w.-]+?)\.?: (?:NXDOMAIN|SERVFAIL)|UnknownHostException: (?<host3>[\w.-]+)|could not translate host name "(?<host4>[^"]+)"|Unknown MySQL server host '(?<host5>[^']+)'|Error -\d connecting to (?<host10>[\w.-]+):\d+|no such host|Temporary failure in name resolution|Name or service not known|Name does not resolve|nodename nor servname provided|SocketException.*No such host is known)/i,
    cause: 'log-dns-failure',
    weight: 'specific',
    matches: [
      ['Error: getaddrinfo ENOTFOUND redis', 'host', 'redis'],
      ['dial tcp: lookup db.prod on 10.96.0.10:53: no such host', 'host', 'db.prod'],
      ['could not translate host name "postgres" to address: Name or service not known', 'host', 'postgres'],
      ['java.net.UnknownHostException: kafka', 'host', 'kafka'],
      ["ERROR 2005 (HY000): Unknown MySQL server host 'mysql' (-2)", 'host', 'mysql'],
      ['nginx: [emerg] host not found in upstream "orders" in /etc/nginx/conf.d/default.conf:5', 'host', 'orders'],
      ["wget: bad address 'orders:8080'", 'host', 'orders'],
      ['curl: (6) Could not resolve host: orders', 'host', 'orders'],
      ["** server can't find orders.shop.svc.cluster.local: NXDOMAIN", 'host', 'orders.shop.svc.cluster.local'],
      ['redis.exceptions.ConnectionError: Error -2 connecting to redis:6379. Name or service not known.', 'host', 'redis'],
    ],
    misses: ['host redis is known', 'looking up the customer: 42'],
  },
  {
    id: 'log-conn-refused',
    pattern:
      /(?:ECONNREFUSED (?<addr>[^\s,;)]+)|dial tcp (?<addr2>\S+:\d+): connect: connection refused|connection to server at "(?<addr3>[^"]+)"(?: \([^)]*\))?(?:, port (?<port>\d+))?[^\n]*[Cc]onnection refused|connecting to (?<addr4>[\w.-]+:\d+)[^\n]*refused|Can't connect to (?:local )?(?:MySQL|MariaDB) server(?: on '(?<addr5>[^']+)')?|Connection to (?<addr6>[\w.-]+:\d+) refused|[Ff]ailed to connect to (?<addr7>[\w.-]+) port (?<port2>\d+)|\((?<addr8>\d[\d.]+)\): Connection refused|(?<addr9>[\w.-]+:\d{2,5}):? [Cc]onnection refused|[Cc]onnection refused|ConnectionRefusedError|java\.net\.ConnectException|actively refused it)/,
    cause: 'log-conn-refused',
    weight: 'specific',
    matches: [
      ['Error: connect ECONNREFUSED 10.0.0.5:5432', 'addr', '10.0.0.5:5432'],
      ['dial tcp 10.96.12.1:6379: connect: connection refused', 'addr', '10.96.12.1:6379'],
      [
        'psycopg2.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
        'addr',
        'localhost',
      ],
      ['connection to server at "db" (10.96.0.7), port 5432 failed: Connection refused', 'port', '5432'],
      ['redis.exceptions.ConnectionError: Error 111 connecting to redis:6379. Connection refused.', 'addr', 'redis:6379'],
      ["ERROR 2002 (HY000): Can't connect to MySQL server on 'mysql' (115)", 'addr', 'mysql'],
      ['java.net.ConnectException: Connection refused (Connection refused)'],
      [
        'org.postgresql.util.PSQLException: Connection to orders-db:5432 refused. Check that the hostname and port are correct',
        'addr',
        'orders-db:5432',
      ],
      ["wget: can't connect to remote host (10.96.3.4): Connection refused", 'addr', '10.96.3.4'],
    ],
    misses: ['the customer refused the connection offer', 'connected to redis:6379'],
  },
  {
    id: 'log-conn-timeout',
    pattern:
      /(?:dial tcp (?<addr>\S+:\d+): i\/o timeout|ETIMEDOUT (?<addr2>\S+:\d+)|ETIMEDOUT|i\/o timeout|[Cc]onnection timed out|ConnectTimeout(?:Exception)?|SocketTimeoutException|context deadline exceeded|no route to host|EHOSTUNREACH(?: (?<addr3>\S+:\d+))?)/,
    cause: 'log-conn-timeout',
    weight: 'specific',
    matches: [
      ['dial tcp 10.0.3.4:3306: i/o timeout', 'addr', '10.0.3.4:3306'],
      ['Error: connect ETIMEDOUT 34.1.2.3:443', 'addr', '34.1.2.3:443'],
    ],
    misses: ['timeout set to 30 s', 'the route to the host is known'],
  },
  {
    id: 'log-conn-reset',
    pattern: /(?:ECONNRESET|connection reset by peer|[Bb]roken pipe|EPIPE|unexpected EOF|server closed the connection unexpectedly)/,
    cause: 'log-conn-reset',
    weight: 'specific',
    matches: [['read tcp 10.1.1.1:3333->10.2.2.2:443: read: connection reset by peer'], ['server closed the connection unexpectedly']],
    misses: ['the password was reset by peer review', 'pipe 3 is broken'],
  },
  {
    id: 'log-db-missing',
    pattern:
      /(?:database "(?<db>[^"]+)" does not exist|Unknown database '(?<db2>[^']+)'|relation "(?<rel>[^"]+)" does not exist|Table '(?<rel2>[^']*)' doesn't exist|no such table(?:: (?<rel3>\S+))?)/i,
    cause: 'log-db-missing',
    weight: 'specific',
    matches: [
      ['FATAL:  database "shop" does not exist', 'db', 'shop'],
      ["ERROR 1049 (42000): Unknown database 'shop'", 'db', 'shop'],
      ['sqlite3.OperationalError: no such table: orders', 'rel', 'orders'],
    ],
    misses: ['database "shop" does exist', 'no such order'],
  },
  {
    id: 'log-migration',
    pattern:
      /(?:(?:Liquibase|Flyway|alembic|prisma|knex|typeorm|sequelize|goose|golang-migrate|ActiveRecord::(?:Pending)?Migration)[^\n]*(?:fail|error|pending|exception)|Dirty database version|Waiting for changelog lock|Migration .* failed|Validate failed: Migrations have failed validation|PendingMigrationError)/i,
    cause: 'log-migration',
    weight: 'specific',
    matches: [
      ['Error: Dirty database version 12. Fix and force version.'],
      ['org.flywaydb.core.api.FlywayException: Validate failed: Migrations have failed validation'],
    ],
    misses: ['Flyway: schema is up to date', 'the birds began their migration'],
  },
  {
    id: 'log-db-too-many',
    pattern: /(?:too many connections|too many clients already|remaining connection slots are reserved|max_connections)/i,
    cause: 'log-db-too-many',
    weight: 'specific',
    matches: [
      ['FATAL:  sorry, too many clients already'],
      ['FATAL: remaining connection slots are reserved for non-replication superuser connections'],
    ],
    misses: ['too many items in the cart', 'opened 12 connections'],
  },
  {
    id: 'log-tls-verify',
    pattern:
      /(?:x509: |certificate verify failed|CERTIFICATE_VERIFY_FAILED|SSL routines|unable to (?:get local issuer|verify the first) certificate|self.signed certificate|PKIX path building failed|SSLHandshakeException|DEPTH_ZERO_SELF_SIGNED_CERT|certificate has expired|ERR_TLS_CERT_ALTNAME_INVALID)/i,
    cause: 'log-tls-verify',
    weight: 'specific',
    matches: [
      ['x509: certificate signed by unknown authority'],
      ['sun.security.validator.ValidatorException: PKIX path building failed'],
      ['Error: self-signed certificate in certificate chain'],
    ],
    misses: ['certificate verified', 'the gift certificate of the customer is valid'],
  },
  {
    id: 'log-k8s-forbidden',
    pattern:
      /is forbidden: User "system:serviceaccount:(?<ns>[^:]+):(?<sa>[^"]+)" cannot (?<verb>\w+) resource "(?<res>[^"]+)"(?: in API group "(?<group>[^"]*)")?(?:[^\n]*(?<scope>at the cluster scope))?/,
    cause: 'log-k8s-forbidden',
    weight: 'specific',
    matches: [
      [
        'secrets is forbidden: User "system:serviceaccount:shop:default" cannot list resource "secrets" in API group "" in the namespace "shop"',
        'res',
        'secrets',
      ],
    ],
    misses: ['403 Forbidden: User "maria" cannot list orders', 'access to /admin is forbidden'],
  },
  {
    id: 'log-cloud-credentials',
    pattern:
      /(?:NoCredentialProviders|Unable to locate credentials|AccessDenied(?:Exception)?|ExpiredToken|could not find default credentials|DefaultAzureCredential failed|UnrecognizedClientException|The security token included in the request is (?:invalid|expired))/i,
    cause: 'log-cloud-credentials',
    weight: 'specific',
    matches: [
      ['botocore.exceptions.NoCredentialsError: Unable to locate credentials'],
      ['An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation'],
    ],
    misses: ['credentials found in the environment', 'the token has expired in 3 days'],
  },
];
