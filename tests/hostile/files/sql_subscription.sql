-- statements that no desired state may hold [refused]
CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=@PORT@ user=x password=y' PUBLICATION p;
