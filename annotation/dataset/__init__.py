"""Write the files of a release, and check them: no Django.

records, facts → splits → parquet, licences, card, manifest → folder; verify reads it all back.
"""
