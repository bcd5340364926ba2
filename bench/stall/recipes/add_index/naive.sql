CREATE INDEX orders_mail ON shop.orders (lower(mail));
