//! Small tables in the layout of each maker. Names of columns are facts of the formats; the numbers are of no country, but
//! for those that are named with their source.

/// Results tool of the Global Burden of Disease study, ids and names, the upper end before the lower
/// (<https://vizhub.healthdata.org/gbd-results/>, free for non-commercial use).
pub(crate) const GBD: &str = "\
measure_id,measure_name,location_id,location_name,sex_id,sex_name,age_id,age_name,cause_id,cause_name,metric_id,metric_name,year,val,upper,lower
6,Incidence,1,Atlantis,3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,1200.5,1350.25,1050
6,Incidence,1,Atlantis,3,Both,22,All ages,486,Multiple myeloma,3,Rate,2019,2.4,2.7,2.1
6,Incidence,1,Atlantis,3,Both,27,Age-standardized,486,Multiple myeloma,3,Rate,2019,1.9,2.1,1.7
6,Incidence,1,Atlantis,1,Male,20,75-79 years,486,Multiple myeloma,1,Number,2019,80,90,70
1,Deaths,1,Atlantis,3,Both,22,All ages,486,Multiple myeloma,2,Percent,2019,0.002,0.003,0.001
2,DALYs (Disability-Adjusted Life Years),1,Atlantis,3,Both,22,All ages,486,Multiple myeloma,1,Number,2019,20000,21000,19000
";

/// Cancer Today (<https://gco.iarc.who.int/today>, free use with citation), one country, all cancers. The first row is that of
/// GLOBOCAN 2022 for China, whose number the crate ships.
pub(crate) const CANCER_TODAY: &str = "\
Cancer code,ICD Code,Country,Label,Sex,Number,95% UI low,95% UI high,ASR (World),Crude rate,Cumulative risk
35,C90,160,Multiple myeloma,0,30300,29000,31600,1.2,2.2,0.15
34,C82-86+C88,160,Non-Hodgkin lymphoma,0,80829,80000,82000,3.5,5.7,0.40
";

/// Cancer Over Time (<https://gco.iarc.who.int/overtime>, free use with citation).
pub(crate) const OVER_TIME: &str = "\
Cancer label,Country label,Type,Sex,Year,ASR (World),Crude rate,Total
Multiple myeloma,Atlantis,0,1,2010,2.5,3.5,120
Multiple myeloma,Atlantis,0,2,2010,1.5,2.5,90
Multiple myeloma,Atlantis,1,1,2010,1.0,2.0,60
";

/// Cancer Tomorrow (<https://gco.iarc.who.int/tomorrow>, free use with citation): a header on two lines.
pub(crate) const TOMORROW: &str = "\
Population,Number of new cases,,Change in number of cases
,2022,2040,
Atlantis,1200,1900,+58.3%
";

/// CDC WONDER, text parted by tabs with totals and the query below (<https://wonder.cdc.gov/cancer.html>, public domain).
pub(crate) const WONDER: &str = "\"Notes\"\t\"Year\"\t\"Year Code\"\t\"Sex\"\t\"Sex Code\"\tCount\tPopulation\tCrude Rate
\t\"2019\"\t\"2019\"\t\"Female\"\t\"F\"\t700\t100000\t700.0
\t\"2019\"\t\"2019\"\t\"Male\"\t\"M\"\tSuppressed\t90000\tSuppressed
\"Total\"\t\"2019\"\t\"2019\"\t\t\t1500\t190000\t789.5
\"Total\"\t\t\t\t\t3000\t380000\t789.5
\"---\"
\"Dataset: Atlantis and Islands Cancer Statistics, 1999-2022 Incidence\"
\"Query Parameters:\"
\"Cancer Sites: Myeloma\"
\"Group By: Year; Sex\"
\"Show Totals: True\"
\"Calculate Rates Per: 100,000\"
\"---\"
\"Help: See http://wonder.cdc.gov/wonder/help/cancer-v2022.html for more information.\"
\"---\"
\"Suggested Citation: United States Cancer Statistics - Incidence: 1999 - 2022, WONDER Online Database. 2024 submission; 2025\"
\"---\"
Caveats:
\"1. Data are suppressed if the figures represent fewer than 16 cases, \"\"and so on\"\".\"
";

/// BYSITE.TXT of U.S. Cancer Statistics
/// (<https://www.cdc.gov/united-states-cancer-statistics/dataviz/download-data.html>, public domain).
pub(crate) const USCS: &str = "\
YEAR|RACE|SEX|SITE|EVENT_TYPE|AGE_ADJUSTED_CI_LOWER|AGE_ADJUSTED_CI_UPPER|AGE_ADJUSTED_RATE|COUNT|POPULATION
2018|All Races|Male and Female|Myeloma|Incidence|6.9|7.1|7.0|29000|327000000
2018|All Races|Male and Female|Myeloma|Mortality|3.0|3.2|3.1|12000|327000000
2018|White|Female|Myeloma|Incidence|~|~|~|~|130000000
2018-2022|All Races|Male and Female|Myeloma|Incidence|6.9|7.1|7.0|147000|1650000000
";

/// SEER*Stat by its export to R
/// (<https://seer.cancer.gov/help/seerstat/seer-stat-basics/results-matrix/exporting-results>, cite).
pub(crate) const SEER_STAT: &str = "\
\"\",\"Year_of_diagnosis\",\"Race_recode_W_B_AI_API\",\"Age_recode_with_single_ages_and_85\",\"Sex\",\"Site_recode_ICDO3/WHO_2008\",\"AgeAdjusted_Rate\",\"Standard_Error\",\"Lower_Confidence_Interval\",\"Upper_Confidence_Interval\",\"Count\",\"Population\"
\"1\",\"2000-2019\",\"All races\",\"All ages\",\"Male and female\",\"Myeloma\",\"6.5\",\"0.1\",\"6.3\",\"6.7\",52000,800000000
\"2\",\"2019\",\"All races\",\"All ages\",\"Male and female\",\"Myeloma\",\"7.0\",\"0.1\",\"6.8\",\"7.2\",2600,37000000
\"3\",\"2019\",\"White\",\"03 years\",\"Female\",\"Myeloma\",\"0.0\",\"NA\",\"0.0\",\"0.1\",0,200000
";

/// The German Centre for Cancer Registry Data (<https://www.krebsdaten.de/abfrage>, cite): points part thousands, the last column has no name.
pub(crate) const ZFKD: &str = "Neuerkrankungen in Deutschland
Jahr;Diagnose;Altersgruppe;weiblich;männlich;
2014;Plasmozytom (C90);0 - 64;812;1.218;
2014;Plasmozytom (C90);65+;2.105;2.340;
2014;Hodgkin-Lymphom (C81);0 - 64;<5;12;
2014;Hodgkin-Lymphom (C81);65+;40;60;
";

/// Public Health Scotland, a column for each age group
/// (<https://www.opendata.nhs.scot/dataset/annual-cancer-incidence>, Open Government Licence v3).
pub(crate) const PHS: &str = "\
Country,CancerSiteICD10Code,CancerSite,Sex,SexQF,Year,IncidencesAgeUnder5,IncidencesAge5To9,IncidencesAge85AndOver,IncidencesAllAges,IncidenceRateAge85AndOver,CrudeRate,CrudeRateLower95pcConfidenceInterval,CrudeRateUpper95pcConfidenceInterval
S92000003,\"C88, C90\",Multiple myeloma,All,d,2019,0,0,75,480,62.5,8.8,8,9.6
";

/// World Population Prospects 2022, file POP/02-1 saved as CSV (<https://population.un.org/wpp/downloads>, CC BY 3.0 IGO); the
/// numbers of the world in 2022 are the published ones.
pub(crate) const WPP_EXCEL: &str = ",,,,,,,,
,,,United Nations,,,,,
,,,World Population Prospects 2022,,,,,
,,,\"File POP/02-1: Total population (both sexes combined) by five-year age group, annually for 1950-2100 (thousands)\",,,,,
,,,,,,,,
Index,Variant,\"Region, subregion, country or area *\",Notes,Location code,Year,0-4,5-9,100+
1,Medium,WORLD,,900,2022,  663 106,  684 419,   633
2,Medium,Sustainable Development Goal (SDG) regions,,1828,,...,...,...
";

/// World Population Prospects, bulk CSV (<https://population.un.org/wpp/downloads>, CC BY 3.0 IGO).
pub(crate) const WPP_BULK: &str = "\
SortOrder,LocID,Notes,ISO3_code,ISO2_code,SDMX_code,LocTypeID,LocTypeName,ParentID,Location,VarID,Variant,Time,MidPeriod,AgeGrp,AgeGrpStart,AgeGrpSpan,PopMale,PopFemale,PopTotal
134,4,1,ATL,AT,4,4,Country/Area,906,Atlantis,2,Medium,2026,2026.5,0-4,0,5,23.125,21.25,44.375
134,4,1,ATL,AT,4,4,Country/Area,906,Atlantis,2,Medium,2026,2026.5,100+,100,-1,0.004,0.048,0.052
";

/// A table of one's own, as a spreadsheet saves it where the comma is the decimal mark.
pub(crate) const OWN: &str = "\
Region;Year;Cases;Status;Relative Error;Note
Atlantis;2019;1200,5;registered;0,02;first
Atlantis;2024;1400;Estimate;;second
";

/// All of them.
pub(crate) const ALL: [&str; 12] = [
    GBD,
    CANCER_TODAY,
    OVER_TIME,
    TOMORROW,
    WONDER,
    USCS,
    SEER_STAT,
    ZFKD,
    PHS,
    WPP_EXCEL,
    WPP_BULK,
    OWN,
];
