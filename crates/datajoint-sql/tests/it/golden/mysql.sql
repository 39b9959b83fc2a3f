CREATE TABLE IF NOT EXISTS `ddl_a`.`subject` (
`subject_id` int NOT NULL COMMENT ":int32:the id",
`name` varchar(20) NOT NULL DEFAULT '' COMMENT ":varchar(20):nm",
`dob` date DEFAULT NULL COMMENT ":date:",
`sex` enum('M','F','U') NOT NULL COMMENT ":enum('M','F','U'):the sex",
`uid` binary(16) NOT NULL COMMENT ":uuid:",
`ok` tinyint NOT NULL DEFAULT '1' COMMENT ":bool:",
`w` float DEFAULT NULL COMMENT ":float32:",
`price` decimal(6,2) NOT NULL DEFAULT '0.5' COMMENT ":decimal(6,2):",
`t0` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT ":datetime(3):",
`doc` json DEFAULT NULL COMMENT ":json:",
`raw` longblob DEFAULT NULL COMMENT ":bytes:",
`bl` longblob DEFAULT NULL COMMENT ":<blob>:",
`ext` json DEFAULT NULL COMMENT ":<blob@main>:",
`_prov` json DEFAULT NULL COMMENT ":json:extrinsic provenance for a row that entered from outside",
PRIMARY KEY (`subject_id`),
unique index (`name`,`dob`),
index (`w`)
) ENGINE=InnoDB, COMMENT "Subjects it's"
;
CREATE TABLE IF NOT EXISTS `ddl_a`.`subject__part1` (
`subject_id` int NOT NULL COMMENT "the id",
`k` smallint NOT NULL COMMENT ":int16:",
`v` double NOT NULL COMMENT ":float64:",
PRIMARY KEY (`subject_id`, `k`),
FOREIGN KEY (`subject_id`) REFERENCES `ddl_a`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB
;
CREATE TABLE IF NOT EXISTS `ddl_b`.`session` (
`subject_id` int NOT NULL COMMENT "the id",
`session` smallint NOT NULL COMMENT ":int16:",
`method` varchar(10),
`ver` tinyint,
`other` int COMMENT "the id",
`note` varchar(255) NOT NULL DEFAULT '' COMMENT ":varchar(255):",
`_prov` json DEFAULT NULL COMMENT ":json:extrinsic provenance for a row that entered from outside",
PRIMARY KEY (`subject_id`, `session`),
FOREIGN KEY (`subject_id`) REFERENCES `ddl_a`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`method`, `ver`) REFERENCES `ddl_a`.`#method` (`method`, `ver`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`other`) REFERENCES `ddl_a`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT,
UNIQUE INDEX (`other`)
) ENGINE=InnoDB
;
CREATE TABLE IF NOT EXISTS `ddl_b`.`#cfg` (
`a` int NOT NULL COMMENT ":int32:",
`_singleton` tinyint NOT NULL DEFAULT '1' COMMENT ":bool:singleton primary key",
PRIMARY KEY (`_singleton`)
) ENGINE=InnoDB
;
CREATE TABLE IF NOT EXISTS `ddl_b`.`~~analysis` (
`subject_id` int NOT NULL,
`session` smallint NOT NULL,
`method` varchar(10) NOT NULL COMMENT ":varchar(10):",
`ver` tinyint NOT NULL,
`status` enum('pending', 'reserved', 'success', 'error', 'ignore') NOT NULL COMMENT ":enum('pending', 'reserved', 'success', 'error', 'ignore'):",
`priority` tinyint NOT NULL COMMENT ":int8:",
`created_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT ":datetime(3):",
`scheduled_time` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT ":datetime(3):",
`reserved_time` datetime(3) DEFAULT NULL COMMENT ":datetime(3):",
`completed_time` datetime(3) DEFAULT NULL COMMENT ":datetime(3):",
`duration` double DEFAULT NULL COMMENT ":float64:",
`error_message` varchar(2047) NOT NULL DEFAULT '' COMMENT ":varchar(2047):",
`error_stack` longblob DEFAULT NULL COMMENT ":<blob>:",
`user` varchar(255) NOT NULL DEFAULT '' COMMENT ":varchar(255):",
`host` varchar(255) NOT NULL DEFAULT '' COMMENT ":varchar(255):",
`pid` int NOT NULL DEFAULT '0' COMMENT ":int32:",
`connection_id` bigint NOT NULL DEFAULT '0' COMMENT ":int64:",
`version` varchar(64) NOT NULL DEFAULT '' COMMENT ":varchar(64):",
PRIMARY KEY (`subject_id`, `session`, `method`, `ver`),
index (`status`,`priority`,`scheduled_time`)
) ENGINE=InnoDB, COMMENT "Job queue for `ddl_b`.`__analysis`"
;
CREATE TABLE IF NOT EXISTS `ddl_b`.`__analysis` (
`subject_id` int NOT NULL COMMENT "the id",
`session` smallint NOT NULL,
`method` varchar(10) NOT NULL,
`ver` tinyint NOT NULL,
`res` double NOT NULL COMMENT ":float64:",
`_job_start_time` datetime(3) DEFAULT NULL COMMENT ":datetime(3):when computation began",
`_job_duration` float DEFAULT NULL COMMENT ":float32:computation duration in seconds",
`_job_version` varchar(64) NOT NULL DEFAULT '' COMMENT ":varchar(64):code version",
PRIMARY KEY (`subject_id`, `session`, `method`, `ver`),
FOREIGN KEY (`subject_id`, `session`) REFERENCES `ddl_b`.`session` (`subject_id`, `session`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`method`, `ver`) REFERENCES `ddl_a`.`#method` (`method`, `ver`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB
;
CREATE TABLE IF NOT EXISTS `ddl_b`.`child` (
`u` binary(16) NOT NULL COMMENT ":uuid:uu",
`e` enum('x','y') NOT NULL,
`d` datetime(3) NOT NULL,
`dd` decimal(5,0) NOT NULL,
`c` char(3) NOT NULL,
`b` tinyint NOT NULL,
`n` tinyint NOT NULL,
`f` float NOT NULL,
`x` int DEFAULT NULL COMMENT ":int32:",
`_prov` json DEFAULT NULL COMMENT ":json:extrinsic provenance for a row that entered from outside",
PRIMARY KEY (`u`, `e`, `d`, `dd`, `c`, `b`, `n`, `f`),
FOREIGN KEY (`u`, `e`, `d`, `dd`, `c`, `b`, `n`, `f`) REFERENCES `ddl_a`.`u_u` (`u`, `e`, `d`, `dd`, `c`, `b`, `n`, `f`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB
;
