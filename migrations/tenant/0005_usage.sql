-- How often each policy was asked, minute by minute, as gateways have counted.
CREATE TABLE usage (
    policy TEXT NOT NULL,
    minute_ms INTEGER NOT NULL,
    admitted INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    shadow_refused INTEGER NOT NULL,
    degraded INTEGER NOT NULL,
    PRIMARY KEY (policy, minute_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX usage_minute ON usage (minute_ms);

-- Who was refused most, hour by hour.
CREATE TABLE offenders (
    policy TEXT NOT NULL,
    hour_ms INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (policy, hour_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX offenders_hour ON offenders (hour_ms);
