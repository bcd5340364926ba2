BEGIN;
DROP MATERIALIZED VIEW shop.by_region;
CREATE MATERIALIZED VIEW shop.by_region AS SELECT region, count(*) AS orders, sum(qty) AS qty FROM shop.orders GROUP BY region;
CREATE UNIQUE INDEX by_region_region ON shop.by_region (region);
COMMIT;
