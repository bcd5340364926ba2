-- weight 15
\set n :n + 1
\set id 500000000 + :slot * 10000000 + :n
\set old random(0, :rows / :slots - 1) * :slots + :slot + 1
INSERT INTO shop.events (id, kind, amount) VALUES (:id, 'new', NULL);
UPDATE shop.events SET amount = 8 WHERE id = :id;
SELECT count(*) FROM shop.events WHERE id = :id;
UPDATE shop.events_old SET amount = amount + 1 WHERE id = :old;
