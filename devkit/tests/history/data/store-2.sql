-- Four runs in a store of version 2, as written by 45acdce.
BEGIN TRANSACTION;
CREATE TABLE class (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    fingerprint TEXT NOT NULL,
    title TEXT NOT NULL,
    path TEXT NOT NULL,
    line INTEGER NOT NULL,
    function TEXT NOT NULL,
    state TEXT NOT NULL,
    first_run INTEGER NOT NULL,
    last_run INTEGER NOT NULL,
    algorithm TEXT NOT NULL
);
INSERT INTO "class" VALUES(1,'E-5455f35b','ZeroDivisionError|shop.py|total','ZeroDivisionError in total: division by zero','shop.py',2,'total','recurring',1,4,'cofailure-1');
INSERT INTO "class" VALUES(2,'E-adacc5d8','ValueError|test_shop.py|test_four','ValueError in test_four: now and then','test_shop.py',12,'test_four','recurring',2,4,'cofailure-1');
CREATE TABLE content (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
INSERT INTO "content" VALUES(1,'8449fc59d990283a');
CREATE TABLE evidence (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    exception TEXT NOT NULL,
    message TEXT NOT NULL,
    frames TEXT NOT NULL,
    trace TEXT NOT NULL
);
INSERT INTO "evidence" VALUES(1,'bbaa09f593d506bdea55','ZeroDivisionError','division by zero','[["test_shop.py","test_one",4,"test","def test_one(): shop.total(0)"],["shop.py","total",2,"app","return 1 / x"]]','trace 1');
INSERT INTO "evidence" VALUES(2,'9465cc2270e1d3841dec','ZeroDivisionError','division by zero','[["test_shop.py","test_two",6,"test","with subtests.test(\"part\", i=1): shop.total(0)"],["shop.py","total",2,"app","return 1 / x"]]','trace 2');
INSERT INTO "evidence" VALUES(3,'b821d36821e2f630a385','ValueError','now and then','[["test_shop.py","test_four",12,"test","raise ValueError(\"now and then\")"]]','trace 3');
CREATE TABLE failure (
    run INTEGER NOT NULL,
    test INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    phase TEXT NOT NULL,
    evidence INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    class INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, test, attempt, phase)
) WITHOUT ROWID;
INSERT INTO "failure" VALUES(1,1,0,'call',1,0,1);
INSERT INTO "failure" VALUES(1,2,0,'call',2,0,1);
INSERT INTO "failure" VALUES(2,1,0,'call',1,0,1);
INSERT INTO "failure" VALUES(2,2,0,'call',2,0,1);
INSERT INTO "failure" VALUES(2,5,0,'call',3,0,2);
INSERT INTO "failure" VALUES(3,1,0,'call',1,0,1);
INSERT INTO "failure" VALUES(3,2,0,'call',2,0,1);
INSERT INTO "failure" VALUES(4,1,0,'call',1,0,1);
INSERT INTO "failure" VALUES(4,2,0,'call',2,0,1);
INSERT INTO "failure" VALUES(4,5,0,'call',3,0,2);
CREATE TABLE flaky (
    test INTEGER PRIMARY KEY,
    verdict TEXT NOT NULL,
    kind TEXT NOT NULL,
    kind_reason TEXT NOT NULL,
    runs INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    runs_needed INTEGER NOT NULL,
    reason TEXT NOT NULL
);
INSERT INTO "flaky" VALUES(1,'unknown','','',4,4,5.10109163428115408578e-01,1.0,10,'cannot be known yet: 10 more runs of the same content will tell');
INSERT INTO "flaky" VALUES(2,'unknown','','',4,4,5.10109163428115408578e-01,1.0,10,'cannot be known yet: 10 more runs of the same content will tell');
INSERT INTO "flaky" VALUES(5,'flaky','unknown','cannot be told: neither runs nor failures nor code show what decides',4,2,6.14919446995865759397e-02,9.38508055300413368549e-01,0,'failed and passed with one content');
CREATE TABLE queue (item TEXT PRIMARY KEY, place INTEGER NOT NULL, score REAL NOT NULL);
INSERT INTO "queue" VALUES('E-5455f35b',0,6.00126540362834948183e+00);
INSERT INTO "queue" VALUES('E-adacc5d8',1,1.55261985530949031542e+00);
CREATE TABLE result (
    run INTEGER NOT NULL,
    test INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    content INTEGER NOT NULL,
    position INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    PRIMARY KEY (run, test, attempt)
) WITHOUT ROWID;
INSERT INTO "result" VALUES(1,1,0,1,0,1,0,0);
INSERT INTO "result" VALUES(1,2,0,1,0,1,1,0);
INSERT INTO "result" VALUES(1,3,0,1,2,1,2,0);
INSERT INTO "result" VALUES(1,4,0,0,0,1,3,0);
INSERT INTO "result" VALUES(1,5,0,0,0,1,4,0);
INSERT INTO "result" VALUES(2,1,0,1,0,1,0,0);
INSERT INTO "result" VALUES(2,2,0,1,0,1,1,0);
INSERT INTO "result" VALUES(2,3,0,1,3,1,2,0);
INSERT INTO "result" VALUES(2,4,0,0,0,1,3,0);
INSERT INTO "result" VALUES(2,5,0,1,0,1,4,0);
INSERT INTO "result" VALUES(3,1,0,1,0,1,0,0);
INSERT INTO "result" VALUES(3,2,0,1,0,1,1,0);
INSERT INTO "result" VALUES(3,3,0,1,2,1,2,0);
INSERT INTO "result" VALUES(3,4,0,0,0,1,3,0);
INSERT INTO "result" VALUES(3,5,0,0,0,1,4,0);
INSERT INTO "result" VALUES(4,1,0,1,0,1,0,0);
INSERT INTO "result" VALUES(4,2,0,1,0,1,1,0);
INSERT INTO "result" VALUES(4,3,0,1,3,1,2,0);
INSERT INTO "result" VALUES(4,4,0,0,0,1,3,0);
INSERT INTO "result" VALUES(4,5,0,1,0,1,4,0);
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL UNIQUE,
    started REAL NOT NULL,
    seconds REAL NOT NULL DEFAULT 0,
    revision TEXT NOT NULL,
    branch TEXT NOT NULL,
    dirty INTEGER NOT NULL,
    on_default INTEGER NOT NULL,
    platform TEXT NOT NULL,
    python TEXT NOT NULL,
    job TEXT NOT NULL,
    person TEXT NOT NULL,
    source TEXT NOT NULL,
    zone TEXT NOT NULL,
    seed TEXT NOT NULL,
    tests INTEGER NOT NULL DEFAULT 0,
    broken INTEGER NOT NULL DEFAULT 0
);
INSERT INTO "run" VALUES(1,'4814a93c98c995f6',1.7958269740412616729e+09,4.2192935943603515625e-02,'8cba9710eb219a858048bbf051d83760e6c84d0a','master',0,1,'linux-x86_64','cpython-3.11.7','','072a3a4b','pytest','+0000','',5,3);
INSERT INTO "run" VALUES(2,'ca1596b1e2c9f43d',1.7958269748632926941e+09,5.9721469879150390625e-02,'8cba9710eb219a858048bbf051d83760e6c84d0a','master',0,1,'linux-x86_64','cpython-3.11.7','','072a3a4b','pytest','+0000','',5,4);
INSERT INTO "run" VALUES(3,'fe476734a50a62f0',1.79582697557106447223e+09,4.0071964263916015625e-02,'8cba9710eb219a858048bbf051d83760e6c84d0a','master',0,1,'linux-x86_64','cpython-3.11.7','','072a3a4b','pytest','+0000','',5,3);
INSERT INTO "run" VALUES(4,'9aa37407fd611fb2',1.79582697615791845322e+09,6.047821044921875e-02,'8cba9710eb219a858048bbf051d83760e6c84d0a','master',0,1,'linux-x86_64','cpython-3.11.7','','072a3a4b','pytest','+0000','',5,4);
CREATE TABLE test (
    id INTEGER PRIMARY KEY,
    nodeid TEXT NOT NULL UNIQUE,
    subtest INTEGER NOT NULL
);
INSERT INTO "test" VALUES(1,'test_shop.py::test_one',0);
INSERT INTO "test" VALUES(2,'test_shop.py::test_two [part] (i=1)',1);
INSERT INTO "test" VALUES(3,'test_shop.py::test_two',0);
INSERT INTO "test" VALUES(4,'test_shop.py::test_three',0);
INSERT INTO "test" VALUES(5,'test_shop.py::test_four',0);
CREATE INDEX run_started ON run (started);
CREATE INDEX failure_test ON failure (test);
CREATE INDEX failure_class ON failure (class, run);
COMMIT;
