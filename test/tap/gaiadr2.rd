<!-- Gaia DR2 for DaCHS, the test's TAP server: the rows of ../shared/gaia/serpens-dr2.csv under Gaia's names and types.
     What that extract lacks is there with every value empty, as it is for most stars of the real table. -->
<resource schema="gaiadr2" resdir="gaiadr2">
  <meta name="title">Gaia DR2, a field in Serpens</meta>
  <meta name="creationDate">2018-04-25T00:00:00Z</meta>
  <meta name="description">An extract of the table of sources, for tests</meta>
  <meta name="subject">surveys</meta>

  <table id="gaia_source" onDisk="True" adql="True" mixin="//scs#q3cindex" primary="source_id">
    <meta name="description">Sources of Gaia DR2 in a cone of 0.83 deg at 235.486 +11.093</meta>
    <column name="source_id" type="bigint" required="True" ucd="meta.id;meta.main" description="Source identifier"/>
    <column name="ref_epoch" type="double precision" unit="yr" ucd="meta.ref;time.epoch" description="Reference epoch"/>
    <column name="ra" type="double precision" unit="deg" ucd="pos.eq.ra;meta.main" description="Right ascension"/>
    <column name="ra_error" type="double precision" unit="mas" description="Standard error of ra, true arc"/>
    <column name="dec" type="double precision" unit="deg" ucd="pos.eq.dec;meta.main" description="Declination"/>
    <column name="dec_error" type="double precision" unit="mas" description="Standard error of dec"/>
    <LOOP listItems="parallax pmra pmdec">
      <events>
        <column name="\item" type="double precision" description="\item of Gaia DR2"/>
        <column name="\item\+_error" type="double precision" description="Standard error of \item"/>
      </events>
    </LOOP>
    <LOOP listItems="ra_dec ra_parallax ra_pmra ra_pmdec dec_parallax dec_pmra dec_pmdec parallax_pmra parallax_pmdec pmra_pmdec">
      <events>
        <column name="\item\+_corr" type="real" description="Correlation"/>
      </events>
    </LOOP>
    <column name="astrometric_excess_noise" type="double precision" unit="mas" description="Excess noise"/>
    <column name="astrometric_params_solved" type="smallint" description="Parameters solved for">
      <values nullLiteral="-1"/>
    </column>
    <column name="visibility_periods_used" type="smallint" description="Visibility periods used">
      <values nullLiteral="-1"/>
    </column>
    <column name="phot_g_mean_mag" type="real" unit="mag" description="G"/>
    <column name="phot_bp_mean_mag" type="real" unit="mag" description="G_BP"/>
    <column name="phot_rp_mean_mag" type="real" unit="mag" description="G_RP"/>
    <column name="bp_rp" type="real" unit="mag" description="G_BP - G_RP"/>
    <column name="radial_velocity" type="double precision" unit="km/s" description="Radial velocity"/>
    <column name="radial_velocity_error" type="double precision" unit="km/s" description="Standard error of it"/>
  </table>

  <!-- The same stars under the names that VizieR gives to Gaia's columns; ADQL must quote some of them. -->
  <table id="vizier" onDisk="True" adql="True">
    <meta name="description">The same sources with the column names of VizieR's I/345/gaia2</meta>
    <column name="quoted/Source" type="bigint" required="True" description="Source identifier"/>
    <LOOP listItems="RA_ICRS DE_ICRS Plx pmRA pmDE RV e_RA_ICRS e_DE_ICRS e_Plx e_pmRA e_pmDE e_RV epsi">
      <events>
        <column name="quoted/\item" type="double precision" description="\item as VizieR names it"></column>
      </events>
    </LOOP>
    <LOOP listItems="RADEcor RAPlxcor RApmRAcor RApmDEcor DEPlxcor DEpmRAcor DEpmDEcor PlxpmRAcor PlxpmDEcor pmRApmDEcor Gmag BPmag RPmag BP-RP">
      <events>
        <column name="quoted/\item" type="real" description="\item as VizieR names it"></column>
      </events>
    </LOOP>
    <LOOP listItems="Solved Nper">
      <events>
        <column name="quoted/\item" type="smallint" description="\item as VizieR names it"><values nullLiteral="-1"/></column>
      </events>
    </LOOP>
    <viewStatement>
      CREATE OR REPLACE VIEW \qName AS (
        SELECT source_id AS "Source",
          ra AS "RA_ICRS",
          dec AS "DE_ICRS",
          parallax AS "Plx",
          pmra AS "pmRA",
          pmdec AS "pmDE",
          radial_velocity AS "RV",
          ra_error AS "e_RA_ICRS",
          dec_error AS "e_DE_ICRS",
          parallax_error AS "e_Plx",
          pmra_error AS "e_pmRA",
          pmdec_error AS "e_pmDE",
          radial_velocity_error AS "e_RV",
          ra_dec_corr AS "RADEcor",
          ra_parallax_corr AS "RAPlxcor",
          ra_pmra_corr AS "RApmRAcor",
          ra_pmdec_corr AS "RApmDEcor",
          dec_parallax_corr AS "DEPlxcor",
          dec_pmra_corr AS "DEpmRAcor",
          dec_pmdec_corr AS "DEpmDEcor",
          parallax_pmra_corr AS "PlxpmRAcor",
          parallax_pmdec_corr AS "PlxpmDEcor",
          pmra_pmdec_corr AS "pmRApmDEcor",
          phot_g_mean_mag AS "Gmag",
          phot_bp_mean_mag AS "BPmag",
          phot_rp_mean_mag AS "RPmag",
          bp_rp AS "BP-RP",
          astrometric_excess_noise AS "epsi",
          astrometric_params_solved AS "Solved",
          visibility_periods_used AS "Nper"
        FROM gaiadr2.gaia_source)
    </viewStatement>
  </table>

  <data id="import">
    <sources>stars.csv</sources>
    <csvGrammar/>
    <make table="gaia_source">
      <rowmaker idmaps="*">
        <apply>
          <code>
            for column in targetTable.tableDef:
              vars.setdefault(column.name, None)
          </code>
        </apply>
      </rowmaker>
    </make>
  </data>

  <data id="renamed">
    <make table="vizier"/>
  </data>
</resource>
