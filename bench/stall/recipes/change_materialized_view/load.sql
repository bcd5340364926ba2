-- weight 5
-- unprepared: its columns change
SELECT * FROM shop.by_region WHERE region = 'r1';
